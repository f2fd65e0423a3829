"""A seeded workload on public.users and public.orders, as transactions of SQL text.

Each session works on keys of one parity only, so two of them may run side by side and the tables
still end the same way for the same seed, however their transactions interleave.
"""

import datetime
import json
import random

from source_database import literal

FIRST_DAY = datetime.datetime(2024, 3, 1, tzinfo=datetime.timezone.utc)
COUNTRIES = ["DE", "FR", "US", "BR", "IN", "JP", "ZA", None]
STATUSES = ["new", "paid", "shipped", "returned", "cancelled", None]
CURRENCIES = ["EUR", "USD", "JPY", "BRL", None]
WORDS = ["blue", "Zoë", "O'Neil", "naïve", "東京", "😀", 'say "hi"', "back\\slash", "tab\there", ""]
AMOUNTS = ["0.00", "-0.01", "9999999999.99", "-9999999999.99"]

# Records that one change of each kind becomes in a topic. A delete is followed by a tombstone; a
# change of the key is a delete, its tombstone, and a create.
RECORDS_OF = {"insert": 1, "update": 1, "delete": 2, "move": 3}


class KeySet:
    """Live keys of one parity; picks one at random in constant time."""

    def __init__(self, keys, parity):
        self.keys = [key for key in keys if key % 2 == parity]
        self.places = {key: place for place, key in enumerate(self.keys)}
        self.gone = []
        self.next_key = max([0, *keys]) // 2 * 2 + 2 + parity

    def pick(self, rng):
        return self.keys[int(rng.random() * len(self.keys))]

    def fresh(self):
        self.next_key += 2
        return self.next_key - 2

    def add(self, key):
        self.places[key] = len(self.keys)
        self.keys.append(key)

    def remove(self, key):
        place, last = self.places.pop(key), self.keys.pop()
        if last != key:
            self.keys[place] = last
            self.places[last] = place
        self.gone.append(key)


class Table:
    """One table as one session sees it; its methods return statements and count changes."""

    def __init__(self, name, key_column, keys, parity, values):
        self.name = name
        self.key_column = key_column
        self.keys = KeySet(keys, parity)
        self.values = values
        self.counts = dict.fromkeys(RECORDS_OF, 0)

    def where(self, key):
        return f" WHERE {self.key_column} = {key};"

    def insert_text(self, rng, key):
        values = self.values.all(rng, key)
        columns = ", ".join([self.key_column, *values])
        literals = ", ".join([str(key), *values.values()])
        return f"INSERT INTO {self.name} ({columns}) VALUES ({literals});"

    def insert(self, rng):
        key = self.keys.fresh()
        return self._insert_at(rng, key)

    def insert_again(self, rng):
        """Inserts under a key that was deleted before, if there is one."""
        gone = self.keys.gone
        while gone:
            key = gone.pop(int(rng.random() * len(gone)))
            if key not in self.keys.places:
                return self._insert_at(rng, key)
        return self.insert(rng)

    def _insert_at(self, rng, key):
        self.keys.add(key)
        self.counts["insert"] += 1
        return [self.insert_text(rng, key)]

    def update_text(self, rng, key):
        values = self.values.some(rng, key)
        changes = ", ".join(f"{column} = {value}" for column, value in values.items())
        return f"UPDATE {self.name} SET {changes}" + self.where(key)

    def update(self, rng):
        self.counts["update"] += 1
        return [self.update_text(rng, self.keys.pick(rng))]

    def delete_text(self, key):
        return f"DELETE FROM {self.name}" + self.where(key)

    def delete(self, rng):
        key = self.keys.pick(rng)
        self.keys.remove(key)
        self.counts["delete"] += 1
        return [self.delete_text(key)]

    def _move_text(self, old, new, and_set=""):
        self.counts["move"] += 1
        return f"UPDATE {self.name} SET {self.key_column} = {new}{and_set}" + self.where(old)

    def move(self, rng):
        """Moves one row to a new key, leaving a value out of line as it is."""
        old, new = self.keys.pick(rng), self.keys.fresh()
        self.keys.remove(old)
        self.keys.add(new)
        return [self._move_text(old, new)]

    def move_twice(self, rng):
        """A chain: the first new key is never seen after the transaction."""
        first, second = self.keys.fresh(), self.keys.fresh()
        old = self.keys.pick(rng)
        self.keys.remove(old)
        self.keys.add(second)
        return [self._move_text(old, first), self._move_text(first, second)]

    def swap(self, rng):
        """Two rows exchange their keys by way of a third."""
        a, b = self.keys.pick(rng), self.keys.pick(rng)
        if a == b:
            return self.move_twice(rng) + self.update(rng)
        between = -self.keys.fresh()
        return [self._move_text(a, between), self._move_text(b, a), self._move_text(between, b)]

    def undone(self, rng):
        """Statements that change rows, for a transaction or savepoint that is rolled back."""
        key, other = self.keys.pick(rng), self.keys.pick(rng)
        return [self.update_text(rng, key), self.delete_text(other),
                self.insert_text(rng, -self.keys.fresh())]


def big_value(rng, key):
    """An expression of 2.2 to 3.8 kB, which PostgreSQL stores outside of the row."""
    return f"repeat(md5('{key}-{int(rng.random() * 1e9)}'), {70 + int(rng.random() * 50)})"


def words(rng, count):
    return " ".join(rng.choice(WORDS) for _ in range(count))


class Calendar:
    """Times that go on for the same seed: about ten days in 200,000 calls, in microseconds."""

    def __init__(self):
        self.seconds = 0.0

    def next(self, rng, zone):
        self.seconds += rng.random() * 9
        moment = FIRST_DAY + datetime.timedelta(seconds=self.seconds)
        return f"'{moment:%Y-%m-%d %H:%M:%S.%f}{zone}'"


class UserValues:
    def __init__(self, calendar):
        self.calendar = calendar

    def all(self, rng, key):
        chance = rng.random()
        bio = big_value(rng, key) if chance < 0.3 else literal(words(rng, 4) if chance < 0.8 else None)
        return {
            "email": literal(f"user{key}@example.com" if chance < 0.95 else None),
            "country_code": literal(rng.choice(COUNTRIES)),
            "is_deleted": literal(chance > 0.9),
            "bio": bio,
            "created_at": self.calendar.next(rng, "+00"),
            "updated_at": self.calendar.next(rng, "+00") if chance < 0.7 else "NULL",
        }

    def some(self, rng, key):
        chance = rng.random()
        values = {"updated_at": self.calendar.next(rng, "+00")}
        if chance < 0.12:
            values["bio"] = big_value(rng, key)
        elif chance < 0.2:
            values["bio"] = literal(words(rng, 6))
        elif chance < 0.6:
            values["email"] = literal(f"user{key}.{int(chance * 1e6)}@example.com")
        elif chance < 0.9:
            values["country_code"] = literal(rng.choice(COUNTRIES))
        else:
            values["is_deleted"] = "NOT is_deleted"
        return values


class OrderValues:
    def __init__(self, calendar):
        self.calendar = calendar

    def amount(self, rng):
        return rng.choice(AMOUNTS) if rng.random() < 0.02 else f"{rng.random() * 500 - 20:.2f}"

    def note(self, rng, key):
        chance = rng.random()
        if chance < 0.4:
            return "NULL"
        if chance < 0.5:
            return f"jsonb_build_object('page', {big_value(rng, key)})"
        note = {"gift": chance > 0.8, "lines": int(chance * 9), "text": words(rng, 3), "none": None}
        return literal(json.dumps(note, ensure_ascii=False))

    def all(self, rng, key):
        return {
            "user_id": literal(int(rng.random() * 10000) if rng.random() < 0.9 else None),
            "status": literal(rng.choice(STATUSES)),
            "total_amount": self.amount(rng) if rng.random() < 0.95 else "NULL",
            "currency": literal(rng.choice(CURRENCIES)),
            "note": self.note(rng, key),
            "ordered_at": self.calendar.next(rng, "") if rng.random() < 0.95 else "NULL",
        }

    def some(self, rng, key):
        chance = rng.random()
        if chance < 0.55:
            return {"status": literal(rng.choice(STATUSES))}
        if chance < 0.9:
            return {"total_amount": self.amount(rng), "status": "'paid'"}
        return {"note": self.note(rng, key)}


# What a transaction does, by weight, and how many changes one such step makes.
STEPS = [
    ("insert", 24, 1), ("update", 44, 1), ("delete", 8, 1), ("insert_again", 4, 1),
    ("move", 5, 1), ("move_twice", 2, 2), ("swap", 2, 3), ("undone", 2, 0),
]
STEP_CHANGES = {name: changes for name, _, changes in STEPS}
STEP_CHOICE = [name for name, weight, _ in STEPS for _ in range(weight)]
ROWS_MIN = 20  # Fewer live rows than this in a table, and a step inserts.


class Session:
    """The transactions of one session: `changes` of them in all, of the given parity."""

    def __init__(self, seed, parity, changes, user_keys, order_keys):
        self.rng = random.Random(f"{seed}/{parity}")
        self.left = changes
        calendar = Calendar()
        self.tables = [
            Table("public.users", "user_id", user_keys, parity, UserValues(calendar)),
            Table("public.orders", "order_id", order_keys, parity, OrderValues(calendar)),
        ]

    def transactions(self):
        """Yields (SQL text, committed changes) until all changes are made."""
        while self.left:
            before = self.left
            if self.rng.random() < 0.03:
                yield self._rolled_back(), 0
            statements = []
            for _ in range(self.rng.choice([1, 1, 2, 3, 5, 8, 20])):
                if self.left:
                    statements += self._step()
            if statements:
                yield self._text(statements, "COMMIT;"), before - self.left

    def _rolled_back(self):
        table = self.rng.choice(self.tables)
        statements = table.undone(self.rng) if len(table.keys.keys) >= ROWS_MIN else []
        return self._text(statements, "ROLLBACK;")

    def _text(self, statements, end):
        """One transaction: in one message, or now and then open over several round trips."""
        if len(statements) > 1 or end == "ROLLBACK;":
            statements = ["BEGIN;", *statements, end]
        if self.rng.random() < 0.25:
            return "\n".join([*statements, ""])
        return " \\; ".join(statement.removesuffix(";") for statement in statements) + ";\n"

    def _step(self):
        table = self.tables[0] if self.rng.random() < 0.4 else self.tables[1]
        step = self.rng.choice(STEP_CHOICE)
        if len(table.keys.keys) < ROWS_MIN or STEP_CHANGES[step] > self.left:
            step = "insert"
        self.left -= STEP_CHANGES[step]
        if step == "undone":
            return ["SAVEPOINT undone;", *table.undone(self.rng), "ROLLBACK TO undone;"]
        return getattr(table, step)(self.rng)

