# There is no default: each account that is created gets an address of yours.
variable "email_format" {
  description = "The address of each account's root user; `%s` becomes the account's key. AWS accepts an address once, in all of AWS."
  type        = string

  validation {
    condition     = length(split("%s", var.email_format)) == 2 && !can(regex("@example\\.", var.email_format))
    error_message = "email_format is an address of your own domain with one `%s` in it, such as aws+%s@your-company.com."
  }
}

variable "allowed_account_ids" {
  description = "The accounts whose credentials may be used. The tests in tests/ allow only that of the emulated AWS, since they create and retire 13 accounts."
  type        = set(string)
  default     = null
}

variable "inventory_path" {
  description = "The directory that holds the inventory: commit it, it is the fleet's register."
  type        = string
  default     = "inventory"
}

variable "generated_path" {
  description = "The directory that GitOps artifacts are written to: commit it, the controllers read it from Git."
  type        = string
  default     = "generated"
}

variable "github" {
  description = "The repository whose pipelines may plan and apply in the accounts, with GitHub's numeric ids of owner and repository."
  type = object({
    repository    = string
    owner_id      = string
    repository_id = string
  })
  default = {
    repository    = "example/platform-live"
    owner_id      = "123456"
    repository_id = "456789"
  }
}

variable "maintenance" {
  description = "The cities whose clusters are emptied: `jakarta`, `singapore`, `tokyo`."
  type        = set(string)
  default     = []
}

# The fleet is taken down in the order of these three: place = false, then the clusters, then the
# accounts, each with an apply of its own. Only then is a destroy accepted.

variable "place" {
  description = "Whether the services are placed. `false` removes every placement and its artifacts."
  type        = bool
  default     = true
}

variable "cluster_lifecycle" {
  description = "What becomes of the clusters: `active` or `retired`."
  type        = string
  default     = "active"

  validation {
    condition     = contains(["active", "retired"], var.cluster_lifecycle)
    error_message = "cluster_lifecycle is `active` or `retired`."
  }
}

variable "account_lifecycle" {
  description = "What becomes of the accounts: `active` or `retired`."
  type        = string
  default     = "active"

  validation {
    condition     = contains(["active", "retired"], var.account_lifecycle)
    error_message = "account_lifecycle is `active` or `retired`."
  }
}
