locals {
  numbers = {
    tenth    = 0.2
    third    = 1 / 3
    big      = 12345678901234567890124
    bigger   = 123456789012345678901234567890123456789012345678901234567891
    negative = -9223372036854775809
    beyond   = 9223372036854775809
    small    = 0.000000000000000000002
    exponent = 1.2e30
    digits   = 3.14159265358979323846264338327950289
    power    = 36893488147419103232
    powerful = 340282346638528859811704183484516925440
    minus    = -18446744073709551616
    zero     = 0
  }
}

resource "conformance_thing" "this" {
  for_each = local.numbers

  name     = each.key
  amount   = each.value
  capacity = each.value
  matrix   = [[each.value], [each.value, 1]]
}

output "amounts" {
  value = { for key, thing in conformance_thing.this : key => thing.amount }
}
