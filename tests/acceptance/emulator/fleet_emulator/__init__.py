"""An AWS organization on loopback: moto, with the rules that real AWS keeps and plain moto does not.

Each module holds the rules of one part of AWS, as a subclass of moto's backend for it:

- `accounts`: CreateAccount, CloseAccount, the listing
- `organizational_units`: OUs and MoveAccount
- `policies`: policy types, attachments
- `tag_policies`: the tag policy in effect for an account
- `organizations`: these together, registered as moto's Organizations backend
- `callers`: which account may call Organizations
- `permissions`: what a session of a role may do
- `iam`, `sts`: managed policies, who may assume which role
- `account_record`: alternate contacts, the root user's address
- `account_api`: regions, account name (the Account Management API)
- `regional`: account-wide settings of a region
- `quotas`: how many accounts there may be
- `control_tower`: the landing zone, and what it does to accounts that are moved
- `control`: `/fleet-emulator/…`, faults and counts, for tests
- `server`: the process
"""
