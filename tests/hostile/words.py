"""What hostile people write into fields, and YAML that is made to hurt whoever reads it."""

from __future__ import annotations

WORDS = (
    "..", "../../../../etc/passwd", "/etc/passwd", "/proc/self/environ", "~/.ssh/id_rsa", "{day}/../../../etc/{day}",
    "file:///etc/passwd", "http://169.254.169.254/", "\\\\server\\share", "a\0b", "a/../b", ".", "", " ", "*", "**/*",
    "[a-", "{", "}", "{day", "%(password)s", "%s%n", "'", '"', "`", "``", "a'b", 'a"b', "a`b", "''; drop table x; --",
    "' or '1'='1", "1; select 1", "/* */", "x) union select (1", "{{ 7 * 7 }}", "{% raw %}", "${jndi:ldap://x/a}",
    "$(touch /tmp/portrait-was-here)", "`touch /tmp/portrait-was-here`", "; touch /tmp/portrait-was-here", "a\nb",
    "a\r\nSet-Cookie: b", "\x1b[2J", "\u202egnp.exe", "\ufeffname", "\u0000", "ａ", "名字", "🦄" * 500, "A" * 100_000,
    "9" * 400, "-1", "0", "1e309", "NaN", "inf", "null", "true", "0x7fffffffffffffff", "2019-13-45", "9999-12-31",
    "0000-00-00", "<script>alert(1)</script>", "select", "user_id", "struct<a:int>", "array<" * 200, "(" * 5000,
    "case when 1 then", "java_method('java.lang.System', 'exit', 1)", "reflect('java.lang.Runtime', 'exec', 'id')",
    "load_extension('x')", "read_text('/etc/passwd')", "current_user()", "cast(1 as int) -- ", "__import__('os')",
)  # fmt: skip
VALUES: tuple[object, ...] = (
    None, True, -1, 0, 2**63, 10**40, -(10**40), 1.5, float("inf"), [], {}, [[]], [{}], {"a": {}}, {"": ""}, ["a"] * 5000,
    {str(n): n for n in range(3000)},
)  # fmt: skip
FILES = (
    b"", b"\0", b"\xff\xfe\x00", b"---\n---\n---\n", b"- a\n- b\n", b"just text", b"42", b"a: b: c", b"a: [1, 2",
    b"\t- tab", b"&a [*a]", b"a: &a [x]\nb: *a", b"? {a: b}\n: c", b"!!python/object/apply:os.system [id]",
    b"!!python/name:os.system", b"!!binary aGk=", b"!!set {a, b}", b"!!omap [a: 1]", b"a: 1\na: 2\n", b"<<: {a: 1}\n",
    b"[" * 5000, b"{a: " * 3000, b"- " * 5000 + b"x", b"a: " + b"9" * 5000, b"a: 2019-99-99", b"a: 190:20:30",
    b"%TAG ! tag:x,2000:\n--- !a b", b"%YAML 9.9\n---\na: b", b"a: !<tag:yaml.org,2002:python/object:x> {}",
    b"x: &x [a, a, a, a, a, a, a, a, a]\n" + b"".join(
        f"x{n}: &x{n} [{', '.join([f'*x{n - 1}' if n else '*x'] * 9)}]\n".encode() for n in range(9)),
    b"a: " + b"y" * 2_000_000, "a: \u2028b".encode(), b"a: |\n  " + b"z" * 300_000,
)  # fmt: skip
