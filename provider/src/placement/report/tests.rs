use super::*;

#[test]
fn a_file_that_two_placements_emit_is_told() {
    let told = file(&files::Error::Twice { path: "out/web.json".into() });
    insta::assert_snapshot!(format!("{}\n\n{}", told.summary, told.detail));
}
