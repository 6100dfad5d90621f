"""The deliberate defects of kit, each with the script that must notice it (`mutants` tries them)."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """A defect: in a file of kit this text becomes that, perhaps in several places."""

    name: str
    script: str
    edits: Sequence[tuple[str, str, str]]


def defect(name: str, script: str, *edits: tuple[str, str, str]) -> Mutant:
    return Mutant(name, script, edits)


MUTANTS = (
    defect(
        "no inbox: an event that comes again is applied again", "the_same_event_at_another_offset_has_one_effect",
        ("inbox.py", 'taken = {row["event_id"] for row in await tx.fetch(TAKE', 'taken = ids or {row["event_id"] for row in await tx.fetch(TAKE'),
        ("inbox.py", "                taken.discard(letter.envelope.id if letter.envelope else None)\n", ""),
        ("inbox.py", "if last is not None and envelope.sequence <= last and letter.aside is None:", "if False:"),
    ),
    defect(
        "no guard: a stale batch is applied", "a_stale_batch_writes_nothing",
        ("bus/applying.py", "if records[-1].offset < place.next_offset:", "if False:"),
        ("bus/applying.py", "if record.offset >= place.next_offset]", "]"),
    ),
    defect(
        "the position is committed before the effect", "a_reader_that_dies_before_its_commit_loses_nothing",
        (
            "bus/applying.py", "            await reader.read(tx, place, fresh)\n",
            ("            await positions.move(tx, place, fresh[-1].offset + 1)\n"
            "        failpoint(\"bus.before_commit\")\n"
            "        async with database.transaction() as tx:\n"
            "            place = await positions.lock(tx, place.consumer, place.topic, place.partition)\n"
            "            await reader.read(tx, place, fresh)\n"),
        ),
    ),
    defect(
        "the position is not moved with the effect", "a_reader_that_dies_after_its_commit_doubles_nothing",
        ("bus/applying.py", "            await positions.move(tx, place, fresh[-1].offset + 1)\n            failpoint(\"bus.before_commit\")\n        failpoint(\"bus.after_commit\")\n",
         "        failpoint(\"bus.after_commit\")\n        async with database.transaction() as tx:\n            await positions.move(tx, place, fresh[-1].offset + 1)\n"),
    ),
    defect(
        "a position is moved from wherever it is", "a_position_moves_only_from_where_it_was",
        ("positions.py", "AND partition = $3 AND next_offset = $4\n", "AND partition = $3 AND $4::bigint >= 0\n"),
    ),
    defect(
        "a position is not locked", "a_position_is_held_while_a_batch_is_applied",
        ("positions.py", 'LOCK = READ + " FOR UPDATE"', "LOCK = READ"),
    ),
    defect(
        "Kafka's own commit is believed", "the_row_is_the_truth_and_not_kafkas_commit",
        ("bus/holding.py", "        self._kafka.seek(partition, place.next_offset)\n        self._kafka.resume(partition)\n        own =",
         "        self._kafka.resume(partition)\n        own ="),
    ),
    defect(
        "no parking: what follows something unreadable is applied", "what_follows_something_unreadable_waits_behind_it",
        ("inbox.py", 'if waiting.get(letter.record.key or b""):', "if False:"),
    ),
    defect(
        "versions need not follow one another", "an_event_that_comes_early_waits_for_the_one_before_it",
        ("inbox.py", "follows = last is None or", "follows = True or last is None or"),
    ),
    defect(
        "what waited is forgotten", "an_event_that_comes_early_waits_for_the_one_before_it",
        ("inbox.py", "        for place, key in early:\n            await self._release(tx, place, key)\n", ""),
    ),
    defect(
        "a known version with another id passes for a duplicate", "a_version_that_is_known_with_another_id_stops_the_partition",
        ("inbox.py", "if last is not None and envelope.sequence <= last and letter.aside is None:", "if False:"),
    ),
    defect(
        "a type from the future is skipped", "a_type_from_the_future_is_applied_by_a_reader_that_knows_it",
        ("inbox.py", "elif letter.envelope.type not in self._ignored:", "elif False:"),
    ),
    defect(
        "an error is swallowed", "an_error_without_a_name_stops_its_partition",
        ("bus/delivering.py", "            await self._holding.stop_for_defect(partition, own, record.offset, error)\n            return False\n", "            return True\n"),
    ),
    defect(
        "what cannot be applied now is passed over", "what_is_away_is_tried_again_and_not_passed_over",
        ("bus/holding.py", "                self._kafka.seek(partition, own.next_offset)\n                self._kafka.resume(partition)\n",
         "                self._kafka.resume(partition)\n"),
        ("bus/applying.py", "if records[0].offset > place.next_offset and not own.has_hole_at(place):", "if False:"),
    ),
    defect(
        "the ceiling is counted in memory", "a_ceiling_counts_what_stands_in_rows",
        ("dead_letters.py", "    found = await tx.fetchval(COUNT, place.consumer, place.topic, place.partition, place.resumed_at, place.topic_id)\n",
         "    _met[place.partition] = found = _met.get(place.partition, 0) + 1\n"),
        ("dead_letters.py", "class AlreadySettled", "_met: dict[int, int] = {}\n\n\nclass AlreadySettled"),
    ),
    defect(
        "no ceiling", "a_ceiling_counts_what_stands_in_rows",
        ("dead_letters.py", "    if found > ceiling:\n", "    if False:\n"),
    ),
    defect(
        "a sleep in the loop", "a_partition_that_waits_does_not_delay_another",
        ("bus/delivering.py", "                self._holding.delay(partition, own, type(error.__cause__ or error).__name__)\n",
         "                await asyncio.sleep(3600)\n"),
    ),
    defect(
        "a bad value takes its whole batch along", "a_value_that_the_database_does_not_take_is_set_aside_alone",
        ("bus/delivering.py", "                if not await self._aside_or_stop(partition, own, share[0], error):", "                if not await self._aside_or_stop(partition, own, records[-1], error):"),
        ("bus/delivering.py", "            except Exception as error:  # noqa: BLE001 an error without a name stops this partition, not the others\n                if len(share) > 1:\n                    own.singly = len(share)\n                    continue\n",
         "            except Exception as error:\n"),
    ),
    defect(
        "decisions about dead letters are forgotten by the next reader", "what_was_decided_about_a_record_holds_for_every_reader",
        ("inbox.py", "decided = await dead_letters.resolutions(tx, batches)", "decided = dead_letters.Decided({})"),
    ),
    defect(
        "a decision holds for whatever stands at the place", "what_was_decided_about_a_record_says_nothing_of_the_next_at_its_place",
        ("dead_letters.py", 'found.get(digest_of(record)) or found.get(b"")', "next(iter(found.values()))"),
    ),
    defect(
        "a reaction that is refused leaves no task", "a_reaction_that_is_refused_becomes_a_task",
        ("inbox.py", "                await tx.execute(RAISE, consumer, event.envelope.id, refusal.code, refusal.detail or refusal.title)\n", "                del refusal\n"),
    ),
    defect(
        "a hole is waited for", "holes_of_transactions_are_passed_over",
        ("bus/holding.py", "return self.next_offset == place.next_offset and self.sought_at is not None and", "return False and self.sought_at is not None and"),
    ),
    defect(
        "a topic is known by its name", "a_topic_that_was_made_anew_stops_its_partitions",
        ("bus/logs.py", "        if place.topic_id != self.topic_id:\n", "        if False:\n"),
    ),
    defect(
        "a row that went back is not looked at", "what_a_backup_had_not_yet_is_read_again",
        ("bus/logs.py", "            elif place.next_offset != own.next_offset:\n", "            elif False:\n"),
    ),
    defect(
        "a log that begins later is read on", "a_log_that_was_cut_off_below_stops_its_partition",
        ("bus/logs.py", "        if self.beginning > place.next_offset:\n", "        if False:\n"),
    ),
    defect(
        "a log that ends earlier is read anew", "a_log_that_ends_before_the_position_stops_its_partition",
        ("bus/logs.py", "        if self.end < place.next_offset:\n", "        if False:\n"),
    ),
    defect(
        "no guard for several: what was applied is applied again with others", "what_was_applied_is_not_applied_with_others",
        ("bus/applying.py", "if len(batches) < len(due) or not all(_is_due(*batch) for batch in batches):", "if len(batches) < len(due):"),
    ),
    defect(
        "the positions of several are moved in a transaction of their own", "effects_of_several_and_their_positions_are_one_transaction",
        ("bus/applying.py", "        await reader.read_together(tx, batches)\n",
         "        await reader.read_together(tx, batches)\n    async with database.transaction() as tx:\n"),
    ),
    defect(
        "what fails among several is passed over", "what_fails_among_several_is_not_passed_over",
        ("bus/delivering.py", "and has its meaning there\n            return False\n", "and has its meaning there\n            pass\n"),
    ),
    defect(
        "several positions are moved from wherever they are", "several_positions_move_only_from_where_all_of_them_were",
        ("positions.py", "if len(await tx.fetch(MOVE_ALL, consumer, *columns(rows, 4))) != len(rows):",
         "if not await tx.fetch(MOVE_ALL, consumer, *columns(rows, 4)):"),
    ),
    defect(
        "the positions of several are not locked", "what_another_holds_is_not_taken_with_the_others",
        ("positions.py", "ORDER BY topic, partition FOR UPDATE SKIP LOCKED", "ORDER BY topic, partition"),
    ),
    defect(
        "claims park", "a_refused_claim_is_in_nobodys_way",
        ("claims.py", "            await self._judge(tx, partner, record)\n",
         ("            if not await tx.fetchval(\"SELECT count(*) FROM kit.refused WHERE topic = $1\", record.topic):\n"
         "                await self._judge(tx, partner, record)\n")),
    ),
    defect(
        "a claim is judged whenever it comes", "the_same_claim_again_counts_once",
        ("claims.py", "if row := await tx.fetchrow(FIND", "if row := False and await tx.fetchrow(FIND"),
        ("claims.py", "VALUES ($1, $2, $3, $4, $5, $6)\n\"\"\"\nREFUSE", "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING\n\"\"\"\nREFUSE"),
    ),
    defect(
        "a claim's body is not compared", "another_body_under_the_same_id_is_refused",
        ("claims.py", "            if row[\"body_sha256\"] != digest:\n", "            if False:\n"),
    ),
    defect(
        "anybody's name is believed", "nobody_claims_in_the_name_of_another",
        ("claims.py", "if envelope.source != own and not", "if False and not"),
    ),
    defect(
        "rows go before the broker has acknowledged them", "a_relay_that_dies_before_it_sends_loses_nothing",
        ("relay.py", "        failpoint(\"relay.after_read\")\n",
         "        await connection.execute(DELETE, [row[\"position\"] for row in rows])\n        failpoint(\"relay.after_read\")\n"),
    ),
    defect(
        "rows go though the broker has not taken them", "what_the_broker_did_not_take_stays",
        ("relay.py", "await connection.execute(DELETE, acknowledged)", "await connection.execute(DELETE, [row[\"position\"] for row in rows])"),
    ),
    defect(
        "the outbox is read in any order", "versions_are_sent_in_their_order",
        ("relay.py", "ORDER BY position LIMIT $2", "ORDER BY md5(position::text) LIMIT $2"),
    ),
    defect(
        "the lock is released early", "one_relay_leads",
        ("relay.py", "pg_try_advisory_lock($1, shard)", "pg_try_advisory_xact_lock($1, shard)"),
    ),
    defect(
        "what was asked counts as heard", "a_request_to_say_again_is_heard_by_the_relay_of_its_shards_alone",
        ("republish.py", "INSERT INTO kit.republish (request, shard, topic, aggregate_id) SELECT $1, unnest($2::smallint[]), $3, $4\n",
         "INSERT INTO kit.republish (request, shard, topic, aggregate_id, heard_at) SELECT $1, unnest($2::smallint[]), $3, $4, now()\n"),
    ),
    defect(
        "one relay hears for all", "a_request_to_say_again_is_heard_by_the_relay_of_its_shards_alone",
        ("republish.py", "done_at IS NULL AND shard = ANY($1::smallint[])\"\n", "done_at IS NULL AND cardinality($1::smallint[]) > 0\"\n"),
    ),
    defect(
        "the outbox's position is drawn before the row lock", "positions_follow_versions_whoever_began_first",
        ("database.py", "                yield connection\n",
         ("                await connection.execute(\n"
         "                    \"SELECT set_config('app.drawn', nextval('kit.outbox_position_seq')::text, true)\"\n"
         "                )\n                yield connection\n")),
        ("outbox.py", "INSERT INTO kit.outbox (shard, topic, key, value, headers)\n    SELECT $15,",
         ("INSERT INTO kit.outbox (position, shard, topic, key, value, headers) OVERRIDING SYSTEM VALUE\n"
         "    SELECT current_setting('app.drawn')::bigint, $15,")),
    ),
    defect(
        "a version may be given out twice", "a_second_writer_of_one_version_is_turned_away",
        ("outbox.py", "$11, $12, $13, $14 FROM said\n)", "$11, $12, $13, $14 FROM said ON CONFLICT DO NOTHING\n)"),
    ),
    defect(
        "two workers fire one deadline", "a_deadline_is_fired_once_by_two_workers",
        ("deadlines.py", "ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED", "ORDER BY due_at LIMIT 1"),
    ),
    defect(
        "a deadline is marked in a transaction of its own", "a_deadline_that_could_not_be_fired_is_fired_later",
        ("deadlines.py", "            await _fire(tx, fire, due, moment)\n", "        async with database.transaction() as tx:\n            await _fire(tx, fire, due, moment)\n"),
    ),
    defect(
        "the Idempotency-Key is not looked up", "the_same_request_again_gets_the_same_answer_unrun",
        ("http.py", "        found = await tx.fetch(FIND, *self._whose(key), self.context.causation_id)\n", "        found = []\n"),
    ),
    defect(
        "If-Match comes before the Idempotency-Key", "the_same_request_again_gets_the_same_answer_unrun",
        ("http.py", "        found = await tx.fetch(FIND, *self._whose(key), self.context.causation_id)\n", "        await work(tx)\n        found = await tx.fetch(FIND, *self._whose(key), self.context.causation_id)\n"),
    ),
    defect(
        "a key's body is not compared", "another_request_under_the_same_key_is_refused",
        ("http.py", "            if kept[\"body_sha256\"] != digest:\n", "            if False:\n"),
    ),
    defect(
        "If-Match is not looked at", "who_has_read_an_old_version_is_told_so",
        ("errors.py", "    if if_match is not None and if_match != version:\n", "    if False:\n"),
    ),
)  # fmt: skip
