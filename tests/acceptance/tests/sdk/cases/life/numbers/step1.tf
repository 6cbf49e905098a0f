locals {
  numbers = {
    tenth    = 0.1
    third    = 1 / 4
    big      = 12345678901234567890123
    bigger   = 123456789012345678901234567890123456789012345678901234567890
    negative = -9223372036854775808
    beyond   = 9223372036854775808
    small    = 0.000000000000000000001
    exponent = 1.2e29
    digits   = 3.14159265358979323846264338327950288
    power    = 18446744073709551616
    powerful = 340282366920938463463374607431768211456
    minus    = -36893488147419103232
    zero     = -0
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
