resource "conformance_thing" "this" {
  name = "ünïcödé"
  text = "e\u0301 é 日本語 🦀 \u200b"
  tags = ["é", "e\u0301", "日本", "🦀"]
  labels = {
    "ключ" = "значение"
    "é"    = "composed"
  }
}

output "length" {
  value = conformance_thing.this.length
}
