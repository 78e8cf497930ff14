from pathlib import Path

import pytest

from vegraph.app.settings import Settings, load, parse
from vegraph.app.settings.editing import set_entities
from vegraph.errors import ConfigError

FILE = Path("/etc/vegraph/vegraph.toml")
ODATA = '[sources.shop]\nkind = "odata"\nurl = "https://shop.example/odata"\n'
DEVELOPMENT = '[server]\nprofile = "development"\n'
DOOR = '\n[identity.entra]\nissuer = "https://login.example"\naudience = "api://vegraph"\n'
PORTAL = """
[portals.support]
issuer = "https://support.example"
public_key = "support.pem"
audience = "client"
"""


def settings(text: str, **environ: str) -> Settings:
    return parse(text, FILE, environ)


def complaint(text: str, **environ: str) -> str:
    with pytest.raises(ConfigError) as caught:
        settings(text, **environ)
    return str(caught.value)


def test_a_url_alone_is_enough_for_an_odata_source():
    source = settings(ODATA).sources["shop"]
    assert (source.name, source.visible, source.delegates, source.prefix) == ("shop", ("*",), "none", "")


def test_nothing_of_an_erp_is_visible_until_it_is_named():
    source = settings(
        ODATA
        + '[sources.bc]\nkind = "business-central"\nurl = "https://bc.example"\nprefix = "Bc"\ndelegation = "none"'
    ).sources["bc"]
    assert source.visible == ()


def test_defaults_stand_in_for_what_is_left_out():
    read = settings(ODATA)
    assert (read.server.host, read.server.port, read.server.profile) == ("127.0.0.1", 8000, "production")
    assert (read.limits.deadline_s, read.limits.max_first, read.limits.scan_rows) == (30.0, 1000, 20_000)


def test_relative_paths_start_at_the_file():
    read = settings(ODATA + 'metadata = "schema/shop"')
    assert read.sources["shop"].metadata == Path("/etc/vegraph/schema/shop")


def test_a_whole_number_will_do_for_seconds():
    assert settings(ODATA + "[limits]\ndeadline_s = 5").limits.deadline_s == 5.0


def test_variables_fill_in_and_are_not_looked_at_again():
    read = settings(
        DEVELOPMENT + ODATA + 'delegation = "fixed"\nfixed = { headers = { Authorization = "Basic ${WHO}" } }',
        WHO="a${WHO}",
    )
    assert read.sources["shop"].fixed is not None
    assert read.sources["shop"].fixed.headers["Authorization"].reveal() == "Basic a${WHO}"


def test_secrets_are_masked_wherever_the_settings_are_printed():
    read = settings(
        DEVELOPMENT + ODATA + 'delegation = "fixed"\nfixed = { headers = { Authorization = "Basic ${WHO}" } }',
        WHO="hunter2",
    )
    assert "hunter2" not in repr(read)
    assert "hunter2" not in f"{read}"


def test_what_the_command_line_asks_for_comes_first():
    assert settings(ODATA).listening(port=9000, host=None).server.port == 9000


def test_the_command_line_keeps_the_rules():
    with pytest.raises(ConfigError, match=r"server\.host: 0\.0\.0\.0 can be reached from elsewhere"):
        settings(DEVELOPMENT + ODATA).listening(host="0.0.0.0")


WRONG = [
    # text, then what the complaint says after the file's name
    ("[server\n", "is not TOML: Expected ']' at the end of a table declaration (at line 1, column 8)."),
    ("", "sources: is missing; add a table such as [sources.bc]"),
    ("[sorces.bc]\n", "sorces: there is no such key. Did you mean 'sources'?"),
    ("sources = 3", "sources: must be a table, not a whole number."),
    ("[sources.bc]", "sources.bc.kind: is missing, and there is no default."),
    (
        '[sources.bc]\nkind = "bussiness-central"\nurl = "https://x"',
        "sources.bc.kind: 'bussiness-central' is not one of the choices. Did you mean 'business-central'?",
    ),
    (ODATA + 'entites = ["*"]', "sources.shop.entites: there is no such key. Did you mean 'entities'?"),
    (ODATA + 'entities = "*"', "sources.shop.entities: must be a list, not text."),
    (ODATA + "entities = [3]", "sources.shop.entities[0]: must be text, not a whole number."),
    (ODATA + 'prefix = "bc"', "sources.shop.prefix: 'bc' must begin with a capital and hold letters and digits."),
    (ODATA + "[server]\nport = true", "server.port: must be a whole number, not true or false."),
    (ODATA + "[server]\nport = 70000", "server.port: must be from 0 to 65535."),
    (ODATA + "[server]\nport = 2026-11-25", "server.port: must be a whole number, not a date or time."),
    (ODATA + "[limits]\nmax_depth = 0", "limits.max_depth: must be 1 or more."),
    (ODATA + "[limits]\ndefault_first = 2000", "limits: default_first (2000) is above max_first (1000)."),
    (ODATA + '[server]\ncors_origins = ["*"]', "server.cors_origins[0]: '*' is not an origin"),
    (
        '[sources.x]\nkind = "odata"\nurl = "shop.example"',
        "sources.x.url: 'shop.example' is not an http or https URL; write it like https://host/path.",
    ),
    (
        '[sources.x]\nkind = "odata"\nurl = "https://user:secret@shop.example"',
        "sources.x.url: holds a user name or password; give credentials in a key of their own.",
    ),
    (
        '[sources.x]\nkind = "odata"\nurl = "${URL}"',
        "sources.x.url: the environment variable URL is not set.",
    ),
    (
        '[sources.x]\nkind = "odata"\nurl = "${}"',
        "sources.x.url: '${}' does not name an environment variable.",
    ),
    (
        '[sources.x]\nkind = "odata"\nurl = "http://shop.example"',
        'sources.x.url: is plain http; use https, or server.profile = "development".',
    ),
    (
        '[sources.x]\nkind = "odata"\nurl = "https://x"\ndelegation = "fixed"\nfixed = { headers = { A = "b" } }',
        'sources.x.delegation: is fixed, which only server.profile = "development" allows.',
    ),
    (
        DEVELOPMENT + ODATA + 'fixed = { headers = { A = "hush\\n" } }',
        "sources.shop.fixed: header 'A' cannot be sent: its name or its value holds a line break",
    ),
    (
        DEVELOPMENT + '[sources.x]\nkind = "odata"\nurl = "https://x"\ndelegation = "fixed"',
        "sources.x: delegation = \"fixed\" needs the headers of that user in a table 'fixed'.",
    ),
    (
        '[sources.x]\nkind = "business-central"\nurl = "https://x"',
        "sources.x: delegation = \"on-behalf-of\" needs 'scope', what a token of this ERP is asked for.",
    ),
    (
        '[sources.x]\nkind = "business-central"\nurl = "https://x"\nscope = "https://x/.default"',
        "sources.x.delegation: is on-behalf-of, and nobody can sign in; add a door such as [identity.entra].",
    ),
    (
        '[server]\nprofile = "development"\nhost = "0.0.0.0"\n' + ODATA,
        "server.host: 0.0.0.0 can be reached from elsewhere, which the development profile does not allow",
    ),
    (
        ODATA + '[sources.other]\nkind = "odata"\nurl = "https://x"',
        "sources.other.prefix: is the same as that of shop (''); give each source one of its own.",
    ),
    (
        ODATA + '[[relationships]]\nfrom = "shp.A"\nto = "shop.B"\nname = "b"\non = { X = "y" }',
        "relationships[0].from: there is no source 'shp'. Did you mean 'shop'?",
    ),
    (
        ODATA + '[[relationships]]\nfrom = "shop"\nto = "shop.B"\nname = "b"\non = { X = "y" }',
        "relationships[0].from: 'shop' is not an entity set of a source; write SOURCE.ENTITYSET.",
    ),
    (
        ODATA + '[[relationships]]\nfrom = "shop.A"\nto = "shop.B"\nname = "b"\non = {}',
        "relationships[0]: 'on' is empty; name at least one pair of properties.",
    ),
    (
        ODATA + '[identity.entra]\nissuer = "http://localhost:3000"\naudience = "api://vegraph"',
        'identity.entra.issuer: is plain http; use https, or server.profile = "development".',
    ),
    (
        ODATA + 'metadata_from = "services"',
        'sources.shop: metadata_from = "services" is for finance and operations and human resources only.',
    ),
    (ODATA + 'routes = ["contoso/app/v1.0"]', "sources.shop: 'routes' are for"),
    (ODATA + 'routes = ["contoso"]', "sources.shop.routes[0]: 'contoso' is not an API route such as contoso/app/v1.0."),
    (ODATA + 'language = "!"', "sources.shop.language: '!' is not a language such as en-US."),
    (ODATA + PORTAL + 'entities = ["shp.*"]', "portals.support.entities: there is no source 'shp'."),
    (ODATA + PORTAL + 'anonymous = "shp:visitor"', "portals.support.anonymous: there is no source 'shp'."),
    (ODATA + PORTAL + 'mapping = "dataverse:crm"', "portals.support.mapping: there is no source 'crm'. Known: shop."),
    (ODATA + PORTAL + 'anonymous = "visitor"', "portals.support: 'anonymous' must name a source and its user"),
    (ODATA + PORTAL.replace("support]", '"a b"]'), "portals.'a b': must begin with a letter and hold letters, digits"),
    (ODATA.replace("shop]", '"a.b"]'), "sources.'a.b': must begin with a letter and hold letters, digits, '_' and '-'"),
    (ODATA + PORTAL.replace("support]", "graphql]"), "portals.graphql: is what the endpoint of people is called"),
    (ODATA + "[server]\nonly_trusted_documents = true", "server.only_trusted_documents: is true, and there is no list"),
    (ODATA + DOOR + 'client_id = "c"', "identity.entra: give exactly one of 'client_secret', 'client_certificate'"),
    (ODATA + PORTAL + 'jwks = "https://x/keys"', "portals.support: give exactly one of 'public_key' and 'jwks'."),
    (
        ODATA + PORTAL + 'operations = { "shop.A" = ["raed"] }',
        "portals.support.operations.shop.A[0]: 'raed' is not one of the choices. Did you mean 'read'?",
    ),
]


@pytest.mark.parametrize(("text", "says"), WRONG, ids=[says for _, says in WRONG])
def test_what_is_wrong_is_said_with_file_and_key(text: str, says: str):
    assert complaint(text).startswith(f"{FILE}: {says}")


def test_plain_http_is_let_through_to_this_machine_where_no_credential_travels():
    assert settings('[sources.x]\nkind = "odata"\nurl = "http://localhost:4004/odata"').sources


def test_a_missing_file_is_a_sentence(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"there is no such file\. Name one with --config\."):
        load(tmp_path / "vegraph.toml")


def test_a_file_that_is_not_text_is_a_sentence(tmp_path: Path):
    (tmp_path / "vegraph.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="cannot be read: it is not UTF-8 text"):
        load(tmp_path / "vegraph.toml")


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path):
    (tmp_path / "vegraph.toml").write_text(ODATA, "utf-8-sig")
    set_entities(tmp_path / "vegraph.toml", "shop", ["Customers"])
    assert load(tmp_path / "vegraph.toml").sources["shop"].visible == ("Customers",)
    (tmp_path / "vegraph.toml").write_text(ODATA, "utf-8-sig")
    assert load(tmp_path / "vegraph.toml").sources["shop"].visible == ("*",)


def test_a_missing_variable_names_no_value():
    assert "hunter2" not in complaint(ODATA + 'company = "${NOPE} ${YES}"', YES="hunter2")
