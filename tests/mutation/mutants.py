# ruff: noqa: E501 - lines are quoted as they are
"""The lines that keep events safe, what replaces each of them, and the tests that notice."""

from __future__ import annotations

from typing import NamedTuple


class Mutant(NamedTuple):
    """A line to take away: the text `line` of the module `file` keeps the promise `what`. With `instead` in its place,
    one of `tests` must fail."""

    what: str
    file: str
    line: str
    instead: str
    tests: str


def row(mutant: Mutant) -> str:
    """Return its row in docs/reliability.md."""
    tests = ", ".join(f"`{path}`" for path in mutant.tests.split())
    return f"| {mutant.what} | `{mutant.file}` | {tests} |"


MUTANTS = (
    # dispatch
    Mutant(
        "dispatch: the entries that PutRecords refused are sent again",
        "lanes/kinesis.py", "return [chunk[index] for index in refused], True", "return [], True", "tests/lanes/test_kinesis.py",
    ),
    Mutant(
        "dispatch: a request that failed with a temporary error is sent again",
        "lanes/kinesis.py", "return chunk, is_transient(fault)", "return chunk, False", "tests/lanes/test_kinesis.py",
    ),
    Mutant(
        "dispatch: work items that a lane never took are returned",
        "lanes/kinesis.py", "return [entry.item for entry in rejected]", "return []", "tests/lanes/test_kinesis.py",
    ),
    Mutant(
        "dispatch: work items that no lane took become error items",
        "dispatch/dispatch.py", '*(_lane_failure(item, "fast", now, retries) for item in fast_refused),', "", "tests/dispatch/test_dispatch.py",
    ),
    Mutant(
        "dispatch: an object without a route does not stop the others",
        "dispatch/dispatch.py", "except RouteError as fault:", "except BlockingIOError as fault:", "tests/dispatch/test_dispatch.py",
    ),
    Mutant(
        "dispatch: nothing is acknowledged before the error items are safe",
        "dispatch/dispatch.py", "    errors.record(failures)\n", "", "tests/dispatch/test_dispatch.py",
    ),
    # report
    Mutant(
        "report: a dead letter of Lambda becomes an error item for each object",
        "dispatch/dead_letters.py", "yield from inner or", "yield from", "tests/dispatch/test_dead_letters.py",
    ),
    Mutant(
        "report: AWS delivers a dead letter again when the ErrorTable is down",
        "dispatch/dead_letters.py", "        to.errors.record(failures)\n", "        pass\n", "tests/dispatch/test_dead_letters.py",
    ),
    # redrive
    Mutant(
        "redrive: a message is deleted only when its function took it",
        "ops/redrive/run.py", "self._delete([message for message in to_send if not message.failure])", "self._delete(to_send)", "tests/ops/test_redrive.py",
    ),
    Mutant(
        "redrive: what SNS cannot hand to a function goes into the queue",
        "ops/deploy/lambda_settings_sync.py", "    yield from redrive_changes(stage, account)\n", "", "tests/ops/deploy/test_handover.py",
    ),
    Mutant(
        "redrive: a message that is understood in part is not sent in part",
        "dispatch/redrive_messages.py", "                return []\n    return undelivered", "                pass\n    return undelivered", "tests/dispatch/test_redrive_messages.py",
    ),
    # engine
    Mutant(
        "engine: a function that raises loses only that event",
        "engine/loop.py",
        "                except BaseException as fault:  # noqa: BLE001 - see errors.ENDS\n                    deliveries.fail(meta, fault)",
        "                except BlockingIOError as fault:\n                    deliveries.fail(meta, fault)",
        "tests/engine/test_delivery.py",
    ),
    Mutant(
        "engine: one function fails, the others still get the event",
        "engine/deliveries.py",
        "            except BaseException as fault:  # noqa: BLE001 - as in `call`\n                delivery.fail(meta, fault)",
        "            except BlockingIOError as fault:\n                delivery.fail(meta, fault)",
        "tests/engine/test_delivery.py",
    ),
    Mutant(
        "engine: one function with a condition fails, the others still get the event",
        "engine/deliveries.py",
        "            except BaseException as fault:  # noqa: BLE001 - see errors.ENDS\n                delivery.fail(meta, fault)",
        "            except BlockingIOError as fault:\n                delivery.fail(meta, fault)",
        "tests/engine/test_recipients.py",
    ),
    Mutant(
        "engine: a function with `contains` gets each record with these bytes, even if other functions take all records",
        "engine/recipients.py", "            self._held = self._search.held_by_position(positions, records)\n", "            pass\n", "tests/engine/test_recipients.py",
    ),
    Mutant(
        "engine: a needle that overlaps another one is found",
        "reader/needle_search.py", ", overlapping=True", "", "tests/reader/test_needle_search.py",
    ),
    Mutant(
        "engine: a needle with a line end in it is found",
        "reader/needle_search.py", "range(len(records)) if self._spanning else ", "", "tests/reader/test_needle_search.py",
    ),
    Mutant(
        "engine: the count for a suspended function includes the events that it would have filtered out",
        "engine/recipients.py", "            if delivery.suspended_at is not None:", "            if False:", "tests/engine/test_recipients.py",
    ),
    Mutant(
        "engine: a record that cannot be parsed does not stop the others",
        "engine/loop.py",
        "            except BaseException as fault:  # noqa: BLE001 - a parser may be the user's own\n                self._reject(",
        "            except BlockingIOError as fault:\n                self._reject(", "tests/engine/test_delivery.py",
    ),
    Mutant(
        "engine: events that wait for a batch to fill are delivered before a commit",
        "engine/commit.py", "            run.flush_batches()\n        failed =", "            pass\n        failed =", "tests/engine",
    ),
    Mutant(
        "engine: a failing flush quarantines the events it covers",
        "engine/commit.py", "                run.fail_unflushed(cause, hook.of)\n", "                pass\n", "tests/engine",
    ),
    Mutant(
        "engine: failures are stored before the ledger records the progress of the object",
        "engine/commit.py", "            self._errors.record(failures)\n",
        "            pass\n", "tests/engine/test_worker.py",
    ),
    Mutant(
        "engine: books that do not balance become an error item",
        "engine/commit.py", "        if imbalance:\n", "        if False:\n", "tests/engine",
    ),
    Mutant(
        "engine: near the deadline, the rest of an object is continued later",
        "engine/invocation.py", "                if self._has_progress and self._is_late():\n                    break\n                if self._seconds",
        "                if self._seconds", "tests/engine/test_worker.py",
    ),
    Mutant(
        "engine: an object that makes no progress before its deadline is not requeued at the same position for ever",
        "engine/invocation.py", "if self._has_progress and self._is_late():", "if self._is_late():", "tests/engine/test_worker.py",
    ),
    Mutant(
        "engine: work items that were not begun go back into the lane",
        "engine/invocation.py", "[*rests, *self._not_begun, *untouched]", "[*rests, *self._not_begun]", "tests/engine/test_worker.py",
    ),
    Mutant(
        "engine: work that could not go back into the lane becomes an error item",
        "engine/lane_return.py", 'self.refuse(item, None, "dispatch", fault)', "pass", "tests/engine",
    ),
    Mutant(
        "engine: work that crashed max_attempts times is not begun again",
        "engine/invocation.py", "if progress.attempts > self._worker.config.limits.max_attempts:", "if False:",
        "tests/engine/test_worker.py",
    ),
    Mutant(
        "engine: after a crash, everything before the suspect is committed before the suspect begins",
        "engine/invocation.py", "        elif progress.attempts > 1:\n            self._commit()\n", "",
        "tests/engine",
    ),
    Mutant(
        "engine: work that is twice in a batch is done once",
        "engine/invocation.py", "        if self._commits.holds(item) or item.split", "        if item.split",
        "tests/engine/test_worker.py",
    ),
    Mutant(
        "engine: an error in the engine itself stops only one object",
        "engine/invocation.py",
        "        except BaseException as fault:\n            log.exception(\"s3://%s/%s\", runs[0].item.bucket_name",
        "        except BlockingIOError as fault:\n            log.exception(\"s3://%s/%s\", runs[0].item.bucket_name",
        "tests/engine",
    ),
    Mutant(
        "engine: an attempt that ends because a table is down does not count",
        "engine/invocation.py", "            self._commits.give_back()\n", "", "tests/engine/test_worker.py",
    ),
    Mutant(
        "engine: work that was begun ahead but not processed is given back",
        "engine/invocation.py", "self._give_back(self._prefetcher.close())",
        "self._prefetcher.close()", "tests/engine/test_prefetch.py tests/engine/test_worker.py",
    ),
    Mutant(
        "engine: work is begun ahead only if the ledger does not know it",
        "engine/prefetch.py", "self._ledger.begin_new(works)", "[self._ledger.begin(*work) for work in works]",
        "tests/engine/test_prefetch.py",
    ),
    Mutant(
        "engine: a suspended function gets no more events of an object after a continuation",
        "engine/run.py", " suspended=self.suspended,", "", "tests/engine",
    ),
    Mutant(
        "engine: events of a record keep their numbers when a later record is read",
        "engine/failures.py", 'self._sizes[meta.position] = meta._cache["siblings"]', "self._sizes[meta.position] = 1",
        "tests/engine",
    ),
    Mutant(
        "engine: an error item is replaced only by one for the same work",
        "model/failures.py", "function, positions, resume_from)", "function, positions[:1], resume_from)", "tests/steps",
    ),
    Mutant(
        "engine: what remains of a drained object gets its own id, not that of the drained item",
        "engine/failures.py", "request_id=name_failure(", "request_id=item.error_id or name_failure(", "tests/steps",
    ),
    Mutant(
        "engine: if another chain counted the positions, the whole object runs again",
        "engine/object_books.py", 'if item.chain not in ("", counting):', "if False:", "tests/steps",
    ),
    Mutant(
        "engine: a checkpoint that another chain counted does not apply",
        "engine/object_books.py", "if progress.resume_from > 1 and progress.chain and progress.chain != counting:", "if False:",
        "tests/steps",
    ),
    Mutant(
        "engine: a drained item that needs the whole object is not read together with others",
        "engine/invocation.py", " or run.needs_headers or run.is_whole for run in runs)", " or run.needs_headers for run in runs)",
        "tests/steps",
    ),
    Mutant(
        "engine: a record beyond the end of the object is an error",
        "engine/run.py", "        if wanted > count:\n", "        if False:\n", "tests/steps",
    ),
    Mutant(
        "engine: an event that its record does not contain is an error",
        "engine/loop.py", "            self._log.add_missing(fault, position, missing)\n", "            pass\n", "tests/steps",
    ),
    Mutant(
        "engine: a batch that failed is delivered again in pieces",
        "engine/delivery.py", "max(1, function.batch // split)", "function.batch", "tests/steps",
    ),
    Mutant(
        "engine: each piece is flushed separately",
        "engine/invocation.py", "if are_in_pieces and any(run.has_piece for run in runs):", "if False:", "tests/steps",
    ),
    Mutant(
        "engine: work that another invocation is processing goes back into the lane",
        "engine/lane_return.py", "        self.hand_back(waiting)\n", "", "tests/steps",
    ),
    Mutant(
        "engine: something raised that is not an Exception fails only its event",
        "engine/loop.py",
        "                except BaseException as fault:  # noqa: BLE001 - see errors.ENDS\n                    deliveries.fail(meta, fault)",
        "                except Exception as fault:\n                    deliveries.fail(meta, fault)",
        "tests/engine/test_delivery.py",
    ),
    Mutant(
        "engine: a ledger item that cannot be read fails only its work",
        "engine/invocation.py", "        except (ItemUnreadable, StoreRefused) as fault:", "        except BlockingIOError as fault:",
        "tests/steps",
    ),
    # items
    Mutant(
        "engine: work that a table refuses to begin goes back into the lane",
        "engine/invocation.py", "[*rests, *self._not_begun, *untouched]", "[*rests, *untouched]",
        "tests/steps/test_refused_requests.py",
    ),
    Mutant(
        "engine: work whose end could not be written to the ledger goes back into the lane",
        "engine/invocation.py", "[*rests, *self._not_begun, *untouched]", "[*self._not_begun, *untouched]",
        "tests/steps/test_refused_requests.py",
    ),
    Mutant(
        "engine: the batch is not acknowledged if the tables accept no writes",
        "engine/invocation.py", "        if not self._commits.has_written:\n            raise self._faults[0]\n", "",
        "tests/steps/test_refused_requests.py",
    ),
    Mutant(
        "engine: an object whose failures are not stored resumes at its checkpoint",
        "engine/commit.py", "            if run.item.work_id in unrecorded\n", "            if False\n",
        "tests/steps/test_refused_requests.py",
    ),
    Mutant(
        "engine: an object whose failures are not stored is not done",
        "engine/commit.py", "[run for run in self._runs if run.item.work_id not in unrecorded]", "[*self._runs]",
        "tests/steps/test_refused_requests.py",
    ),
    Mutant(
        "engine: books that could not be written to the ledger go into the lane with the work",
        "engine/run.py", "books=None if is_in_ledger else self.books(),", "books=None,",
        "tests/steps/test_refused_requests.py",
    ),
    Mutant(
        "items: a work item is checked when it is read",
        "model/work_items.py", "for reason in _faults(item, len(msgspec.json.encode(document))):", "for reason in ():",
        "tests/steps",
    ),
    Mutant(
        "items: unknown fields of a later version are kept",
        "model/work_items.py", "return {**item.unknown, **written}", "return written", "tests/steps",
    ),
    Mutant(
        "items: an item in a later form is left to the version that knows it",
        "model/work_items.py", "or shape > SHAPE:", "or False:", "tests/steps",
    ),
    Mutant(
        "items: a key of the class-based SLIPS is decoded",
        "model/work_items.py", "        if key != item.object_key:\n", "        if False:\n", "tests/steps",
    ),
    Mutant(
        "items: a key of the class-based SLIPS is also tried as it is",
        "engine/reading.py", "    if not item.raw_key:\n", "    if True:\n", "tests/steps",
    ),
    # ledger
    Mutant(
        "ledger: work that is done is not begun again",
        "ledger/ledger.py", 'f"attribute_not_exists(#state) OR (NOT #state IN (:done, :failed) AND ({free}))"',
        'f"attribute_not_exists(#state) OR ({free})"', "tests/ledger/test_ledger.py",
    ),
    Mutant(
        "ledger: an attempt is counted before a byte is read",
        "ledger/ledger.py", "ADD #attempts :one, #token :one", "ADD #token :one", "tests/ledger/test_ledger.py",
    ),
    Mutant(
        "ledger: an invocation that was replaced changes nothing that a later one has begun",
        "ledger/ledger.py", '"#token = :token AND #token_name = :token_name AND NOT #state IN (:done, :failed)"',
        '"NOT #state IN (:done, :failed) OR #token = :token AND #token_name = :token_name"', "tests/ledger/test_ledger.py",
    ),
    Mutant(
        "ledger: work that the invocation of another record is processing is not begun",
        "ledger/ledger.py", "(NOT #state IN (:done, :failed) AND ({free}))", "NOT #state IN (:done, :failed)",
        "tests/ledger/test_ledger.py",
    ),
    Mutant(
        "ledger: the record of an invocation that was killed begins again at once",
        "ledger/ledger.py", " OR #holder = :holder", "", "tests/ledger/test_ledger.py",
    ),
    Mutant(
        "ledger: a repeated request to begin work counts one attempt",
        "ledger/ledger.py", " AND (attribute_not_exists(#token_name) OR #token_name <> :token_name)", "",
        "tests/ledger/test_ledger.py",
    ),
    Mutant(
        "ledger: work that the ledger knows is not begun again in a request for many",
        "ledger/ledger.py", "if read_text(known, \"token_name\") == name else None", "if known else None",
        "tests/ledger/test_many_works.py",
    ),
    Mutant(
        "ledger: if the answer to a request for many is lost, each beginning is recognized by its token",
        "ledger/ledger.py", "if read_text(known, \"token_name\") == name else None", "if not known else None",
        "tests/ledger/test_many_works.py",
    ),
    Mutant(
        "ledger: in a request for many, each end carries its token",
        "ledger/many_works.py", '{"token": work.token.number, "token_name": work.token.name},', "{},",
        "tests/ledger/test_many_works.py",
    ),
    Mutant(
        "ledger: a request for many does not change work that has ended",
        "ledger/many_works.py", '{"state": FINAL},', "{},", "tests/ledger/test_many_works.py",
    ),
    Mutant(
        "ledger: in a request for many, works that failed with a temporary error are sent again",
        "aws/partiql.py", "error.get(\"Item\"), code in _TRANSIENT)", "error.get(\"Item\"))",
        "tests/ledger/test_many_works.py",
    ),
    Mutant(
        "ledger: a request for many reports the works that were not written",
        "ledger/ledger.py", "if result.code not in SETTLED]", "if False]", "tests/ledger/test_many_works.py",
    ),
    Mutant(
        "ledger: an invocation that handed over the rest of an object no longer holds it",
        "ledger/ledger.py", '(", #held_until = :nobody" if is_over else "")', '""', "tests/ledger/test_ledger.py",
    ),
    Mutant(
        "ledger: an item that the table will never accept does not block others",
        "ledger/ledger.py", "        except StoreRefused as fault:\n", "        except BlockingIOError as fault:\n", "tests/ledger/test_ledger.py",
    ),
    Mutant(
        "ledger: a table that does not answer holds the batch back",
        "aws/dynamodb.py", '        raise self._failed(cause, request.get("IndexName", "")) from cause', "        return None",
        "tests/ledger/test_ledger.py",
    ),
    # ErrorTable and drain
    Mutant(
        "ledger: a request that failed with a temporary error is sent again",
        "aws/dynamodb.py", "for _ in range(1) if end is None else self.backoff.attempts(end):", "for _ in range(1):",
        "tests/steps/test_refused_requests.py",
    ),
    Mutant(
        "ledger: work that is given back twice is counted once",
        "ledger/ledger.py", " REMOVE #token_name", "", "tests/ledger/test_ledger.py",
    ),
    Mutant(
        "ErrorTable: what DynamoDB left unprocessed is written again",
        "aws/dynamodb.py", 'answer.get("UnprocessedItems", {})', 'answer.get("Nothing", {})', "tests/quarantine/test_store.py",
    ),
    Mutant(
        "drain: a claim is conditional",
        "quarantine/store.py", 'f"{_EXISTS} AND {_FREE if parked else _FREE_IF_OPEN}"', "_EXISTS",
        "tests/quarantine tests/drain",
    ),
    Mutant(
        "drain: a drain may repeat its own claim",
        "quarantine/store.py", "OR (#state = :draining AND ({_LEASE_IS_OVER})) OR {_MINE})",
        "OR (#state = :draining AND ({_LEASE_IS_OVER})))", "tests/quarantine",
    ),
    Mutant(
        "drain: an item can be deleted only under its claim, and not if it has failed again",
        "quarantine/store.py", 'self._table.delete(request_id, _MINE, {":claim_id": claim_id})',
        "self._table.delete(request_id, _EXISTS)", "tests/quarantine tests/drain",
    ),
    Mutant(
        "drain: an item that its lane did not accept is not deleted",
        "drain/chunk.py", "drained = [item for item, works in plans if not any(work.work_id in refused for _, work in works)]",
        "drained = [item for item, works in plans]", "tests/drain",
    ),
    Mutant(
        "drain: an item is not deleted before it is in its lane",
        "drain/chunk.py", "        refused = self._enqueue(plans)\n",
        "        self._for_all(self._confirm, [item for item, _ in plans], result)\n        refused = self._enqueue(plans)\n",
        "tests/drain",
    ),
    Mutant(
        "drain: one drain does not drain an item twice if it fails again",
        "quarantine/selection.py", "self.cursor.until or _time_after(quarantine.newest_time())", "self.cursor.until",
        "tests/drain/test_run.py",
    ),
    Mutant(
        "drain: a drained item gets another work id if there is anything different to do",
        "drain/requeue.py", "positions, resume_from, chain, *processors, *(", "*(", "tests/drain",
    ),
    Mutant(
        "retry: each retry of a waiting item is a work with its own id",
        "drain/requeue.py", "*([item.tries] if item.tries else [])", "*[]", "tests/drain/test_retry.py tests/engine/test_waiting.py",
    ),
    Mutant(
        "retry: if two runs overlap, only one releases items",
        "quarantine/due.py", '"#version = :former" if note.version else "attribute_not_exists(#version)"', '""',
        "tests/drain/test_retry.py",
    ),
    Mutant(
        "retry: while a cause lasts, only a few of its items are tried",
        "drain/retry.py", '        case "none" | "unanswered" | "failed":\n', '        case "none" | "unanswered":\n',
        "tests/drain/test_retry.py",
    ),
    Mutant(
        "engine: events that a function did not take wait in its item",
        "engine/delivery.py", "        if isinstance(fault, RetryLater):\n            self._pause(fault)\n", "", "tests/engine/test_waiting.py",
    ),
    Mutant(
        "drain: a message that could not be read is read again",
        "drain/requeue.py", "        return read_again(item, config)\n", "        return []\n", "tests/drain tests/steps",
    ),
    Mutant(
        "drain: one bad event ends up alone",
        "drain/requeue.py", "        return ALONE\n", "        return 1\n", "tests/drain tests/steps",
    ),
    Mutant(
        "drain: only the failed positions run again",
        "drain/requeue.py", "positions = item.positions or work.positions\n", 'positions = ""\n', "tests/drain",
    ),
    Mutant(
        "drain: only the failed function runs again",
        "drain/requeue.py", "(item.processor,) if item.processor else work.processors", "()", "tests/drain",
    ),
    # reader
    Mutant(
        "reader: after a broken connection, reading resumes at the next byte",
        "reader/s3.py", 'request["Range"] = f"bytes={offset}-"', "pass", "tests/reader/test_s3.py",
    ),
    Mutant(
        "reader: an object that was overwritten is noticed",
        "reader/s3.py", "request[\"IfMatch\"] = f'\"{etag}\"'", "pass", "tests/reader/test_s3.py",
    ),
    Mutant(
        "reader: a body that ends early is not taken for the end of the object",
        "reader/s3.py", "    if length is None or offset >= length:\n", "    if True:\n", "tests/reader",
    ),
    Mutant(
        "reader: a temporary refusal loses no object",
        "reader/s3.py", "                if not is_transient(fault):\n", "                if True:\n", "tests/reader/test_patience.py",
    ),
    Mutant(
        "reader: a bucket that is down holds up an invocation once",
        "reader/s3.py", " or not pace.is_patient:\n            raise Unavailable", ":\n            raise Unavailable",
        "tests/reader/test_patience.py",
    ),
    Mutant(
        "reader: if the invocation has no time left, the object is continued later",
        "reader/s3.py", "        if left < SHORTEST + self._backoff.first:\n", "        if False:\n",
        "tests/reader/test_patience.py tests/engine/test_s3_faults.py",
    ),
    Mutant(
        "reader: a body that stops is not waited for longer than the invocation lasts",
        "reader/s3.py", "                    body.set_socket_timeout(silence)\n", "                    pass\n", "tests/reader",
    ),
    Mutant(
        "engine: an object that S3 does not deliver in time goes back into the lane after the completed work",
        "engine/reading.py", "            yield  # Where anything was done", "            pass  # Where anything was done",
        "tests/engine/test_s3_faults.py",
    ),
    # sinks
    Mutant(
        "sinks: an event fails if its batch fails",
        "engine/outbox.py", "        self._failed |= failed\n", "", "tests/engine/test_outbox.py tests/engine/test_sending.py",
    ),
    Mutant(
        "sinks: a flush waits for all batches that are being sent",
        "engine/outbox.py", "            while self._flights:\n", "            while False:\n", "tests/engine/test_outbox.py tests/engine/test_sending.py",
    ),
    Mutant(
        "sinks: a flush sends the events that were collected",
        "engine/outbox.py", "        try:\n            self._depart()\n", "        try:\n", "tests/engine/test_outbox.py tests/engine/test_sending.py",
    ),
    Mutant(
        "sinks: if a batch raises, its halves are sent again",
        "engine/outbox.py", "parts += [part[middle:], part[:middle]]", "failed |= {meta: fault for meta, _ in part}", "tests/engine/test_outbox.py",
    ),
    Mutant(
        "sinks: the events after the bad half of a batch are also sent",
        "engine/outbox.py", "parts += [part[middle:], part[:middle]]", "parts += [part[:middle]]", "tests/engine/test_outbox.py",
    ),
    Mutant(
        "sinks: all documents of an event are in one batch",
        "engine/outbox.py", "        at -= 1\n", "        break\n", "tests/engine/test_outbox.py tests/engine/test_sending.py",
    ),
    Mutant(
        "processor: a broken value does not make SLIPS scan all remaining bytes each time",
        "reader/json/sequence.py", "min(until, window.at + room)", "until", "tests/reader/json/test_broken_all_the_way.py",
    ),
    Mutant(
        "processor: blank lines are skipped without an exception for each",
        "engine/loop.py", "        if not self._refuses_blank or (records[0].strip() and all(records)):\n", "        if True:\n", "tests/engine/test_blank_lines.py",
    ),
    Mutant(
        "memory: lists of Parquet are refused before they are decoded",
        "reader/parquet.py", "> (most := self._most(ELEMENTS)):", "> (most := 1 << 60):", "tests/reader/test_parquet.py",
    ),
    Mutant(
        "memory: long texts of Parquet are decoded a few rows at a time",
        "reader/parquet.py", " + sum(self._largest_entries(index, columns, pages))", "", "tests/reader/test_parquet.py",
    ),
    Mutant(
        "memory: a record with too many values is refused before it is decoded",
        "reader/batches.py", "    if len(record) > HEAVY and (weight", "    if False and (weight", "tests/reader/test_objects.py",
    ),
    Mutant(
        "memory: a batch also has a limit in bytes",
        "engine/deliveries.py", "                    delivery.make_room(size)\n", "                    pass\n", "tests/engine/test_record_bytes.py",
    ),
    Mutant(
        "memory: an exception that is only counted keeps no record in memory",
        "engine/loop.py", "            del fault  # It refers", "            pass  # It refers", "tests/engine/test_record_bytes.py",
    ),
    Mutant(
        "memory: partial lines without text also count",
        "formats/host/containers.py", "self.length += len(record) + PART", "self.length += len(part[\"message\"])", "tests/formats/host/test_containers.py",
    ),
    Mutant(
        "reader: an answer with the wrong bytes is noticed",
        "reader/s3_answers.py", "        if start not in (0, offset):\n", "        if False:\n", "tests/reader/test_s3.py",
    ),
    Mutant(
        "reader: if S3 sends the whole object instead of a range, the bytes before the range are skipped",
        "reader/s3.py", "fresh, early = chunk[early:], max(0, early - len(chunk))", "fresh = chunk", "tests/reader/test_s3.py",
    ),
    Mutant(
        "reader: each member of an archive has its own header",
        "engine/run.py", "        if batch.begins_document:\n", "        if False:\n", "tests/engine/test_documents.py",
    ),
    Mutant(
        "reader: a line without a line end at the end of a member is delivered",
        "engine/run.py", "        if self.next_position == position:  # Else", "        if False:  # Else", "tests/engine/test_documents.py",
    ),
    Mutant(
        "reader: the header of a later member is read even if its records are skipped",
        "reader/objects.py", "msgspec.structs.replace(record_filter, first=position)", "record_filter", "tests/engine/test_documents.py",
    ),
    Mutant(
        "reader: no line continues from one gzip member to the next",
        "reader/inflate/boundary.py", "            if last != LF:\n                yield LF\n", "", "tests/reader/inflate/test_nested.py",
    ),
    Mutant(
        "reader: files in an archive that are packed themselves are unpacked",
        "reader/inflate/nested.py", "            inner = self._detect(content.peek(HEAD), layers)\n", "            inner = None\n", "tests/reader/inflate/test_nested.py",
    ),
    Mutant(
        "sinks: a batch fails completely if its failures name an event of another batch",
        "engine/outbox.py", "fault.failed.keys() - {meta for meta, _ in batch}:", "():", "tests/engine/test_outbox.py",
    ),
    Mutant(
        "sinks: an invocation forgets what an earlier one left behind",
        "engine/functions.py", "                hook.outbox.reset()\n", "                pass\n", "tests/engine/test_sending.py",
    ),
    Mutant(
        "sinks: if a batch names an event of an earlier object as failed, it no longer counts as delivered",
        "engine/delivery.py", "            delivery.take_back(failed)\n", "            pass\n", "tests/engine/test_sending.py tests/engine/test_events_failed.py",
    ),
    Mutant(
        "sinks: if a flush names an event as failed, it no longer counts as delivered",
        "engine/deliveries.py", "                delivery.take_back(its)\n", "                pass\n", "tests/engine/test_sending.py tests/engine/test_events_failed.py",
    ),
    Mutant(
        "sinks: a batch is sent when it reaches the age that the sink sets",
        "engine/sending.py", "most_seconds=sink.most_seconds, ", "", "tests/engine/test_sending.py",
    ),
    Mutant(
        "sinks: a request has no more documents than the destination takes",
        "sinks/base.py", "len(piece) >= most or ", "", "tests/sinks/test_base.py tests/sinks/test_firehose.py",
    ),
    Mutant(
        "sinks: a request has no more bytes than the destination takes",
        "sinks/base.py", " or size + length > most_bytes", "", "tests/sinks/test_base.py tests/sinks/test_firehose.py",
    ),
    Mutant(
        "sinks: a document that is too large fails alone",
        "sinks/base.py", "        if len(data) > most_bytes:\n", "        if False:\n", "tests/sinks/test_base.py tests/sinks/test_firehose.py",
    ),
    Mutant(
        "sinks: entries that the answer of an AWS service does not mention were not accepted",
        "sinks/aws_batches.py", "    return refused | dict.fromkeys(range(len(results), count), _UNANSWERED)", "    return refused", "tests/sinks/test_aws_batches.py",
    ),
    Mutant(
        "sinks: entries that are throttled for long wait",
        "sinks/aws_batches.py", "        failed |= {entry.meta: RetryLater(str(each)) for entry, each in zip(entries, refused, strict=True)}\n", "", "tests/sinks/test_aws_batches.py",
    ),
    Mutant(
        "sinks: entries that an AWS service accepted are not sent again with the rest",
        "sinks/aws_batches.py", "has_answered = True", "pass", "tests/sinks/test_aws_batches.py",
    ),
    Mutant(
        "sinks: rows that are in a file of the archive are not written again with the rest",
        "sinks/s3_archive.py", "                if number == 0:\n", "                if True:\n", "tests/sinks/test_s3_archive.py",
    ),
    Mutant(
        "sinks: rows that are in no file of the archive have failed",
        "sinks/s3_archive.py", "for _, each in files[number:] for row in each", "for _, each in files[number:number + 1] for row in each", "tests/sinks/test_s3_archive.py",
    ),
    Mutant(
        "sinks: different rows of an object do not overwrite a file of the archive",
        "sinks/archive_rows.py", "{min(positions)}-{max(positions)}-{content}", "{min(positions)}-{max(positions)}", "tests/sinks/test_s3_archive.py",
    ),
    Mutant(
        "processes: one process does all works of an object, in order",
        "engine/shares.py", "        key, weight = _weigh(record)\n", "        key, weight = str(number), _weigh(record)[1]\n", "tests/engine/test_shares.py",
    ),
    Mutant(
        "processes: the invocation raises what one of its processes raises",
        "handlers.py", "        raise shared.fault\n", "        pass\n", "tests/test_handlers.py",
    ),
    Mutant(
        "processes: if one dies, another one gets its share",
        "engine/child_processes.py", "isinstance(answer, Died) and may_repeat(number, answer)", "False", "tests/engine/test_child_processes.py",
    ),
    Mutant(
        "processes: a share that kills every process is given back to Lambda",
        "engine/shared_batch.py", "self._deaths[number] <= self._max_attempts and ", "", "tests/engine/test_shared_batch.py",
    ),
    Mutant(
        "processes: a late answer is not taken for an answer to the next batch",
        "engine/child_processes.py", "            self.close()  # An answer", "            pass  # An answer", "tests/engine/test_child_processes.py",
    ),
    Mutant(
        "processes: when a function is killed, all its processes end",
        "engine/child_processes.py", "            _end_with(parent)\n", "            pass\n", "tests/engine/test_child_processes.py",
    ),
    Mutant(
        "processes: a process with threads is not forked",
        "engine/shared_batch.py", "    if others:\n", "    if False:\n", "tests/engine/test_shared_batch.py",
    ),
    Mutant(
        "processes: no process cuts a log line of another one",
        "observability/shared_output.py", "            fcntl.lockf(self._file, fcntl.LOCK_EX)\n", "            pass\n", "tests/observability/test_shared_output.py",
    ),
)  # fmt: skip
