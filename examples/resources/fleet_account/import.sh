# By the id of the account. The contract is read back from the inventory file and the tags.
terraform import fleet_account.payments_prod 123456789012
