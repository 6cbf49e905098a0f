use super::*;

const WAS: &str = r#"
syntax = "proto3";
package p;
service S {
  rpc One(A) returns (B);
  rpc Many(A) returns (stream B);
}
enum E {
  E_UNSPECIFIED = 0;
  E_ONE = 1;
  reserved 7 to 8;
  reserved "E_OLD";
}
message A {
  string text = 1;
  repeated string texts = 2;
  E e = 3;
  B b = 4;
  oneof choice {
    string left = 5;
    string right = 6;
  }
  uint32 number = 9;
  map<string, string> map = 10;
  optional string maybe = 11;
  reserved 7 to 8;
  reserved "old";
}
message B {
  message Inner { string text = 1; }
  Inner inner = 1;
}
"#;

fn compiled(text: &str) -> FileDescriptorSet {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("a.proto"), text).unwrap();
    protox::compile(["a.proto"], [directory.path()]).unwrap()
}

/// What breaks if `from` becomes `to`.
fn breaks(changes: &[(&str, &str)]) -> Vec<String> {
    let mut text = WAS.to_owned();
    for (from, to) in changes {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        text = text.replace(from, to);
    }
    between(&compiled(WAS), &compiled(&text))
}

#[test]
fn what_readers_do_not_see_or_know_breaks_nothing() {
    for changes in [
        &[][..],
        &[("uint32 number = 9;", "uint32 number = 9; // told")],
        &[("uint32 number = 9;", "uint32 number = 9; string more = 12;")],
        &[("string right = 6;", "string right = 6; string third = 12;")],
        &[("E_ONE = 1;", "E_ONE = 1; E_TWO = 2;")],
        &[("rpc One(A) returns (B);", "rpc One(A) returns (B); rpc Two(A) returns (B);")],
        &[("message B {", "message C {} message B {")],
        &[("string text = 1;\n", "reserved 20;\nstring text = 1;\n")],
        &[(
            "string text = 1;\n  repeated string texts = 2;",
            "repeated string texts = 2;\n  string text = 1;",
        )],
    ] {
        assert_eq!(breaks(changes), Vec::<String>::new(), "{changes:?}");
    }
}

#[test]
fn each_kind_of_break_is_told() {
    let table: [(&[(&str, &str)], &str); 30] = [
        (&[("  string text = 1;\n", "")], "p.A.text (1) is gone"),
        (&[("  string text = 1;\n", "reserved 1;")], "p.A.text (1) is gone"),
        (&[("  string text = 1;\n", "string text = 12;")], "had the number 1 and has 12"),
        (&[("  string text = 1;\n", "string name = 1;")], "number 1 was text and is name"),
        (&[("  string text = 1;\n", "bytes text = 1;")], "p.A.text has another type"),
        (&[("uint32 number", "uint64 number")], "p.A.number has another type"),
        (&[("uint32 number", "sint32 number")], "p.A.number has another type"),
        (&[("E e = 3;", "uint32 e = 3;")], "p.A.e has another type"),
        (&[("  B b = 4;", "B.Inner b = 4;")], "p.A.b has another type"),
        (
            &[("  string text = 1;\n", "repeated string text = 1;")],
            "p.A.text has another type, is a list",
        ),
        (&[("repeated string texts", "string texts")], "p.A.texts has another type, is a list"),
        (&[("  string text = 1;\n", "optional string text = 1;")], "p.A.text has another type"),
        (&[("optional string maybe", "string maybe")], "p.A.maybe has another type"),
        (&[("map<string, string>", "map<string, bytes>")], "p.A.MapEntry.value has another type"),
        (
            &[("    string right = 6;\n  }", "  }\n string right = 6;")],
            "p.A.right has another type",
        ),
        (
            &[
                ("uint32 number = 9;", ""),
                ("string right = 6;", "string right = 6; uint32 number = 9;"),
            ],
            "p.A.number has another type",
        ),
        (&[("oneof choice", "oneof chosen")], "p.A.left has another type"),
        (&[("  E_ONE = 1;\n", "")], "p.E.E_ONE (1) is gone"),
        (&[("E_ONE = 1;", "E_ONE = 2;")], "E_ONE had the number 1 and has 2"),
        (&[("E_ONE = 1;", "E_UNO = 1;")], "p.E.E_ONE (1) is gone"),
        (
            &[("  reserved 7 to 8;\n  reserved \"E_OLD\";\n", "  E_NEW = 7;\n")],
            "p.E.E_NEW has a number that was reserved",
        ),
        (
            &[(
                "  reserved 7 to 8;\n  reserved \"E_OLD\";",
                "  reserved 8;\n  reserved \"E_OLD\";",
            )],
            "p.E: numbers are not reserved",
        ),
        (&[("  reserved \"E_OLD\";\n", "")], "the name E_OLD is not reserved"),
        (
            &[(
                "  reserved 7 to 8;\n  reserved \"old\";",
                "  string young = 7;\n  reserved \"old\";",
            )],
            "p.A.young has the number 7, which was reserved",
        ),
        (
            &[("  reserved 7 to 8;\n  reserved \"old\";", "  reserved 7;\n  reserved \"old\";")],
            "numbers are not reserved",
        ),
        (&[("  reserved \"old\";", "")], "the name old is not reserved"),
        (&[("  rpc One(A) returns (B);\n", "")], "p.S.One is gone"),
        (&[("One(A) returns (B)", "One(B) returns (B)")], "p.S.One takes or gives another"),
        (&[("One(A) returns (B)", "One(A) returns (stream B)")], "p.S.One streams now"),
        (&[("service S", "service T")], "service p.S is gone"),
    ];
    for (changes, told) in table {
        let found = breaks(changes);
        assert!(found.iter().any(|line| line.contains(told)), "{changes:?}: {found:?}");
    }
    let gone = between(&compiled(WAS), &compiled("syntax = \"proto3\"; package p;"));
    for told in [
        "message p.A is gone",
        "message p.B.Inner is gone",
        "enum p.E is gone",
        "service p.S is gone",
    ] {
        assert!(gone.iter().any(|line| line == told), "{gone:?}");
    }
}
