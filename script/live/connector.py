#!/usr/bin/env python3
"""Starts, fences, shows and deletes Debezium connectors; script/stack calls it.

Finds the stack by the variables that `script/stack env` prints. With STACK_COMMAND (the path of
script/stack) topics are made beforehand; without it Connect makes them at their first record.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time

from connect_rest import ConnectError, ConnectRest
from source_database import SourceDatabase, literal

FENCE_TABLE = "stack.fence"


def say(text):
    print(f"stack: {text}", file=sys.stderr)


def slot_of(name):
    """The name of a connector's replication slot and publication."""
    return name.replace("-", "_")


def topic_of(prefix, table):
    """The name that Debezium gives to the topic of a table."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", f"{prefix}.{table}")


def connector_config(arguments, database):
    fence_topic = topic_of(arguments.prefix, FENCE_TABLE)
    config = {
        "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
        "tasks.max": "1",
        "plugin.name": "pgoutput",
        "database.hostname": database.host,
        "database.port": database.port,
        "database.user": database.user,
        "database.password": database.password,
        "database.dbname": database.name,
        "topic.prefix": arguments.prefix,
        "slot.name": slot_of(arguments.name),
        "publication.name": slot_of(arguments.name),
        "publication.autocreate.mode": "filtered",
        # Each entry is a regular expression that must match the whole name.
        "table.include.list": ",".join(map(re.escape, [*arguments.tables, FENCE_TABLE])),
        "snapshot.mode": "initial",
        "skipped.operations": "none",
        "tombstones.on.delete": "true",
        "poll.interval.ms": "50",
        # Large batches: the same records for half the work of the broker.
        "max.batch.size": "8192",
        "max.queue.size": "32768",
        "producer.override.linger.ms": "5",
        "producer.override.batch.size": "262144",
        "topic.creation.default.partitions": str(arguments.partitions),
        "topic.creation.default.replication.factor": "1",
        "topic.creation.groups": "fence",
        "topic.creation.fence.include": re.escape(fence_topic),
        "topic.creation.fence.partitions": "1",
    }
    for side in ("key", "value"):
        config[f"{side}.converter"] = "org.apache.kafka.connect.json.JsonConverter"
        config[f"{side}.converter.schemas.enable"] = "true" if arguments.schemas else "false"
        # The converter's own default turns NULL into the default of the column.
        config[f"{side}.converter.replace.null.with.default"] = "false"
    for setting in arguments.set:
        key, _, value = setting.partition("=")
        config[key] = value
    return config


def create_tables_of_the_stack(database, tables):
    schema = FENCE_TABLE.partition(".")[0]
    database.run(
        f"CREATE SCHEMA IF NOT EXISTS {schema};"
        f"CREATE TABLE IF NOT EXISTS {FENCE_TABLE}"
        " (connector text PRIMARY KEY, passed bigint NOT NULL);"
    )
    wanted = ",".join(literal(table) for table in tables)
    found = database.run(
        "SELECT schemaname || '.' || tablename FROM pg_tables"
        f" WHERE schemaname || '.' || tablename IN ({wanted});"
    )
    missing = sorted(set(tables) - set(found))
    if missing:
        raise RuntimeError(
            f"no table {', '.join(missing)} in database {database.name}: create it first"
            " (`script/stack schema` makes public.users and public.orders)"
        )


def create_topics(topics, partitions):
    command = os.environ.get("STACK_COMMAND")
    if not command:
        return
    running = [
        subprocess.Popen([command, "topic", "create", topic, "--partitions", str(partitions)])
        for topic in topics
    ]
    if any([process.wait() for process in running]):
        raise RuntimeError("the topics could not be created, see above")


def check_alive(rest, name):
    state, tasks, trace = rest.states(name)
    if "FAILED" in [state, *tasks]:
        reasons = [line.strip() for line in trace.splitlines() if not line.startswith("\tat ")]
        say(f"connector {name} FAILED: " + " | ".join(reasons)[:1500])
        raise RuntimeError(
            f"mend the cause, then `script/stack connector {name} --delete` and start it anew"
        )
    return state == "RUNNING" and tasks == ["RUNNING"]


def insert_fence(database, name):
    """Changes the fence table, and returns an LSN between all earlier changes and this one."""
    lines = database.run(
        "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn;"
        f"INSERT INTO {FENCE_TABLE} VALUES ({literal(name)}, 1)"
        " ON CONFLICT (connector) DO UPDATE SET passed = fence.passed + 1;"
    )
    return int(lines[0])


def wait_for_fence(rest, name, timeout):
    """Returns when every change made before this call is in Kafka.

    RUNNING says little: a task may be in its snapshot, or stand still. A fence that falls into the
    snapshot never shows up as a change, so one is put up again every two seconds.
    """
    config = rest.config(name)
    database = SourceDatabase(config["database.dbname"])
    began = time.monotonic()
    lsn = insert_fence(database, name)
    fenced = checked = began
    while True:
        streamed = rest.streamed_to(name)
        if streamed is not None and streamed >= lsn:
            return time.monotonic() - began
        now = time.monotonic()
        if now - began > timeout:
            raise RuntimeError(
                f"connector {name} let no fence pass in {timeout} s: it has streamed up to LSN"
                f" {streamed}, the fence is at {lsn}; look at connect/log in the state folder"
            )
        if now - checked > 1:
            check_alive(rest, name)
            checked = now
        if now - fenced > 2:
            insert_fence(database, name)
            fenced = now
        time.sleep(0.1)


def create(rest, arguments):
    if not arguments.tables:
        raise RuntimeError("connector: --tables SCHEMA.TABLE,… is needed")
    arguments.prefix = arguments.prefix or arguments.name
    database = SourceDatabase()
    create_tables_of_the_stack(database, arguments.tables)
    create_topics([topic_of(arguments.prefix, t) for t in arguments.tables], arguments.partitions)
    rest.put(arguments.name, connector_config(arguments, database))
    deadline = time.monotonic() + arguments.timeout
    while not check_alive(rest, arguments.name):
        if time.monotonic() > deadline:
            raise RuntimeError(f"connector {arguments.name} is not RUNNING: {rest.states(arguments.name)}")
        time.sleep(0.1)
    wait_for_fence(rest, arguments.name, arguments.timeout)
    say(f"connector {arguments.name} is running and flowing to {arguments.prefix}.*")


def delete(rest, arguments):
    name, database = arguments.name, SourceDatabase()
    if name in rest.names():
        database = SourceDatabase(rest.config(name)["database.dbname"])
        rest.delete_with_offsets(name)
    else:
        say(f"there is no connector {name}")
    slot = literal(slot_of(name))
    # The walsender ends a moment after the connection that it served.
    deadline = time.monotonic() + 30
    while database.run(f"SELECT 1 FROM pg_replication_slots WHERE slot_name = {slot} AND active;"):
        if time.monotonic() > deadline:
            raise RuntimeError(f"replication slot {slot} stays in use")
        time.sleep(0.1)
    database.run(
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
        f" WHERE slot_name = {slot};"
        f"DROP PUBLICATION IF EXISTS {slot_of(name)};"
    )
    say(f"connector {name} is gone, with its offsets, slot and publication; its topics stay")


def connector(rest, arguments):
    if arguments.delete:
        delete(rest, arguments)
    elif arguments.config:
        print(json.dumps(rest.config(arguments.name), indent=1))
    else:
        create(rest, arguments)


def fence(rest, arguments):
    if arguments.name not in rest.names():
        raise RuntimeError(f"there is no connector {arguments.name}")
    seconds = wait_for_fence(rest, arguments.name, arguments.timeout)
    say(f"all changes made so far are in Kafka (waited {seconds:.1f} s)")


def show(rest, _arguments):
    failed = False
    for name in rest.names():
        state, tasks, _ = rest.states(name)
        print(f"connector {name}: {state}, tasks {', '.join(tasks) or 'none'}")
        failed |= "FAILED" in [state, *tasks]
    return 1 if failed else 0


def health(rest, _arguments):
    return 0 if rest.is_healthy() else 1


def table_list(text):
    tables = text.split(",")
    if not all(re.fullmatch(r"[^.,]+\.[^,]+", table) for table in tables):
        raise argparse.ArgumentTypeError("wants schema.table[,schema.table…]")
    return tables


def connector_name(text):
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,50}", text):
        raise argparse.ArgumentTypeError("wants lower-case letters, digits, - and _")
    return text


def setting(text):
    if not re.fullmatch(r"[^=]+=.*", text, re.DOTALL):
        raise argparse.ArgumentTypeError("wants key=value")
    return text


def add_connector_parser(commands):
    parser = commands.add_parser(
        "connector",
        help="start a connector, or delete it",
        description="Starts a Debezium connector on some tables and waits until changes flow from"
        " the source into Kafka; with --delete removes it with its offsets, slot and publication."
        " The topic of a table is PREFIX.SCHEMA.TABLE.",
        epilog="example: script/stack connector demo --tables public.users,public.orders"
        " --prefix shop --partitions 4 --set time.precision.mode=isostring",
    )
    parser.add_argument("name", type=connector_name, metavar="NAME")
    parser.add_argument("--tables", type=table_list, metavar="LIST", help="schema.table, by commas")
    parser.add_argument("--prefix", help="first part of the topic names (default: NAME)")
    parser.add_argument("--partitions", type=int, default=1, metavar="N", help="of each topic")
    parser.add_argument("--schemas", action="store_true", help="JSON with its schema block")
    parser.add_argument("--set", action="append", default=[], type=setting, metavar="KEY=VALUE",
                        help="any other setting of the connector; may be repeated")
    parser.add_argument("--timeout", type=int, default=180, metavar="SECONDS")
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--delete", action="store_true", help="remove the connector and its offsets")
    either.add_argument("--config", action="store_true", help="print its configuration as JSON")
    parser.set_defaults(run=connector)


def parse(argv):
    parser = argparse.ArgumentParser(prog="script/stack")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add_connector_parser(commands)
    fence_parser = commands.add_parser(
        "fence",
        help="wait until all changes made so far are in Kafka",
        description="Changes a fence table and waits until Connect has committed that change, which"
        " it does only when all records up to it, in every topic, are in Kafka.",
    )
    fence_parser.add_argument("name", type=connector_name, metavar="NAME")
    fence_parser.add_argument("--timeout", type=int, default=300, metavar="SECONDS")
    fence_parser.set_defaults(run=fence)
    commands.add_parser("list", help="states of all connectors").set_defaults(run=show)
    commands.add_parser("health", help="exit code 0 when Connect answers").set_defaults(run=health)
    return parser.parse_args(argv)


def main():
    arguments = parse(sys.argv[1:])
    try:
        return arguments.run(ConnectRest(), arguments)
    except (ConnectError, RuntimeError) as error:
        say(error)
        return 1


if __name__ == "__main__":
    sys.exit(main())
