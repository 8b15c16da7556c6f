-- Who was refused most? Rows that came twice count once.
SELECT src, count(*) AS refused
FROM (
    SELECT *
    FROM read_parquet('outbox/example-lake/curated/**/*.parquet', union_by_name = true, hive_partitioning = true)
    QUALIFY row_number() OVER (PARTITION BY event_id) = 1
)
WHERE action = 'REJECT'
GROUP BY src
ORDER BY refused DESC, src;
