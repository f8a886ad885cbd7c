"""What an expression may say, and what Spark gets of it."""

import pytest

from include.settings import ROOT
from include.sources.expressions import check
from include.sources.functions import FUNCTIONS, ExpressionError
from include.sources.types import parse_type

COLUMNS = {
    name: parse_type(ddl)
    for name, ddl in {
        "name": "string", "n": "bigint", "price": "decimal(18,4)", "at": "timestamp", "born": "date", "ok": "boolean",
        "tags": "array<string>", "who": "struct<id:bigint,home:struct<city:string>>", "more": "map<string,string>",
        "user_id:token": "string", "a.b": "string", "timestamp": "bigint",
    }.items()
}  # fmt: skip
LOOKUPS = {"tag": {"word": parse_type("string")}}


def sql(text: str, zone: str = "UTC", becomes: str | None = None) -> str:
    return check(text, COLUMNS, LOOKUPS, zone=zone, becomes=becomes).sql.replace("`__columns`.", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name", "`name`"),
        ("`user_id:token`", "`user_id:token`"),
        ("`a.b`", "`a.b`"),
        ("tag.word", "`__lookup_tag`.`word`"),
        ("who.home.city", "`who`.`home`.`city`"),
        ("'view'", "'view'"),
        (r"'it\'s'", r"'it\'s'"),
        ("tags[0]", "GET(`tags`, 0)"),
        ("more['colour']", "TRY_ELEMENT_AT(`more`, 'colour')"),
        (r"split(name, '\\|')[1]", r"GET(SPLIT(`name`, '\\|'), 1)"),
        ("name || '-' || n", "CONCAT(CONCAT(`name`, '-'), `n`)"),
        ("n * price", "TRY_MULTIPLY(`n`, `price`)"),
        ("price / n", "TRY_DIVIDE(`price`, `n`)"),
        ("n % 7", "TRY_MOD(`n`, 7)"),
        ("-n", "TRY_MULTIPLY(`n`, -1)"),
        ("-5", "-5"),
        ("name like 'a%'", "`name` LIKE 'a%'"),
        ("name not like 'a%'", "NOT (`name` LIKE 'a%')"),
        ("name not in ('a', 'b')", "NOT (`name` IN ('a', 'b'))"),
        ("n not between 1 and 5", "NOT (`n` BETWEEN 1 AND 5)"),
        ("name is not null and ok", "NOT (ISNULL(`name`)) AND `ok`"),
        ("(n > 1 or n < 0) and ok", "(`n` > 1 OR `n` < 0) AND `ok`"),
        ("case name when 'a' then 'b' end", "CASE `name` WHEN 'a' THEN 'b' END"),
        ("if(n > 1, 'many', 'one')", "IF(`n` > 1, 'many', 'one')"),
        ("try_cast(name as int)", "TRY_CAST(NULLIF(BTRIM(`name`), '') AS INT)"),
        ("cast(n as string)", "TRY_CAST(`n` AS STRING)"),
        ("to_timestamp(name, 'dd.MM.yyyy HH:mm')", "TRY_TO_TIMESTAMP(BTRIM(`name`), 'dd.MM.yyyy HH:mm')"),
        ("to_date(name, 'd/M/yy')", "TRY_CAST(TRY_TO_TIMESTAMP(BTRIM(`name`), 'd/M/yy') AS DATE)"),
        ("regexp_replace(name, '([a-z])(\\\\d+)', '$2')", r"REGEXP_REPLACE(`name`, '([a-z])(\\d+)', '$2')"),
    ],
)
def test_gives_spark_the_form_that_never_raises(text: str, expected: str) -> None:
    assert sql(text) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("view", "view is not declared under columns; a constant text is written \"'view'\""),
        ("nmae", "did you mean name?"),
        ("NAME", "did you mean name?"),
        ("tag.wrd", "not declared under lookup tag; did you mean word?"),
        ("who.street", "there is no field street"),
        ("name + 1", "'name' must be number, not text"),
        ("n > 'a'", "mixes number and text"),
        ("coalesce(name, 0)", "mixes text and number"),
        ("case when ok then 1 else name end", "mixes number and text"),
        ("case when n then 1 end", "'n' must be truth, not number"),
        ("lower(n)", "argument 1 must be text, not number; write cast(... as string)"),
        ("timestamp_seconds(name)", "argument 1 must be number, not text; write cast(... as bigint)"),
        ("lower()", "lower takes 1 arguments, not 0"),
        ("rand()", "the function rand is not allowed"),
        ("lowr(name)", "did you mean lower?"),
        ("input_file_name()", "not allowed"),
        ("java_method('a', 'b')", "not allowed"),
        ("current_date", "not declared"),
        ("(select 1)", "not allowed"),
        ("name in (select 1)", "not allowed"),
        ("name; drop table x", "not one expression"),
        ("name from x", "cannot be parsed"),
        ("count(*)", "not allowed"),
        ("sum(n) over ()", "not allowed"),
        ("filter(tags, x -> true)", "not allowed"),
        ("name in", "not allowed"),
        ("", "not one expression"),
        ("name = 'it''s'", r"write a quote inside a text as \'"),
        ("name like tags[0]", "literal pattern"),
        (r"name like 'a\\'", "literal pattern"),
        ("name rlike name", "must be text literal"),
        ("regexp_replace(name, '(', '')", "not a regular expression"),
        ("regexp_replace(name, 'a', '$1')", "the pattern has 0 groups"),
        ("regexp_replace(name, 'a', '$')", "in the replacement"),
        ("regexp_extract(name, '(a)', 2)", "group 2 is asked for"),
        ("split(name, name)", "must be text literal"),
        ("split_part(name, ',', 0)", "counts from 1"),
        ("element_at(tags, 0)", "counts from 1"),
        ("to_timestamp(name, 'YYYY-MM-dd')", "cannot parse 'YYYY'"),
        ("to_timestamp(name, 'EEE d MMM yyyy')", "cannot parse 'EEE'"),
        ('to_timestamp(name, "yyyy\'T")', "is not closed"),
        ("to_utc_timestamp(at, 'Mars/Base')", "is not a time zone"),
        ("from_json(name, 'bigint')", "from_json reads"),
        ("cast(name as array<string>)", "write split(text, ',')"),
        ("cast(tags as string)", "write array_join"),
        ("cast(name as interval)", "unknown type"),
        ("cast(name as decimal(50,2))", "unknown type"),
        ("1e999", "too long"),
        ("x" * 5000, "the longest may have"),
        ("(" * 1500 + "n" + ")" * 1500, "nested too deeply"),
        ("cast(" * 9 + "name" + " as timestamp) as string)" * 9, "cannot be parsed"),
    ],
)
def test_refuses_with_a_cure(text: str, said: str) -> None:
    with pytest.raises(ExpressionError) as error:
        sql(text)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_refuses_what_would_grow_without_end() -> None:
    text = "name"
    for _ in range(12):
        text = f"cast(cast({text} as timestamp) as string)"
    with pytest.raises(ExpressionError, match="too often"):
        sql(text, zone="Asia/Tokyo")


def test_a_result_must_fit_its_canonical_column() -> None:
    with pytest.raises(ExpressionError, match="list of text cannot become string; write array_join"):
        sql("tags", becomes="string")
    with pytest.raises(ExpressionError, match="truth cannot become timestamp"):
        sql("ok", becomes="timestamp")
    assert sql("n", becomes="string") == "TRY_CAST(`n` AS STRING)"
    assert sql("null", becomes="timestamp") == "TRY_CAST(NULL AS TIMESTAMP)"


def test_clock_times_are_read_in_the_zone_of_the_source() -> None:
    assert sql("to_timestamp(name, 'yyyy')", "Asia/Tokyo").startswith("TO_UTC_TIMESTAMP(")
    assert sql("to_timestamp(name, 'yyyy-MM-dd HH:mm Z')", "Asia/Tokyo").startswith("TRY_TO_TIMESTAMP(")
    assert "'Asia/Tokyo')" in sql("cast(name as timestamp)", "Asia/Tokyo")
    assert sql("make_timestamp(n, 1, 1, 0, 0, 0)", "Asia/Tokyo").endswith("'Asia/Tokyo')")
    assert "Tokyo" not in sql("timestamp_seconds(n)", "Asia/Tokyo")


def test_a_strict_conversion_says_when_it_lost_a_value_and_a_try_form_does_not() -> None:
    assert check("cast(name as int)", COLUMNS).lost
    assert check("coalesce(to_date(name, 'yyyy'), born)", COLUMNS).lost
    assert check("try_cast(name as int)", COLUMNS).lost is None
    assert check("try_to_timestamp(name, 'yyyy')", COLUMNS).lost is None


def test_remembers_what_it_uses() -> None:
    found = check("concat(name, tag.word)", COLUMNS, LOOKUPS)
    assert found.columns == {"name"}
    assert found.lookups == {"tag"}
    assert check("'view'", COLUMNS).literal == "view"


def test_no_allowed_function_reads_a_clock_a_file_or_chance() -> None:
    for word in ("now", "current", "rand", "uuid", "file", "session", "reflect", "java", "secret"):
        assert not [name for name in FUNCTIONS if word in name]


def test_the_guide_names_every_function_and_no_other() -> None:
    guide = (ROOT / "docs" / "sources.md").read_text()
    listed = guide.partition("as Spark has them:")[2].partition("\n- ")[0].split()
    assert listed == sorted(FUNCTIONS)
