terraform {
  required_providers {
    fleet = { source = "fleet-iac/fleet" }
  }
}
provider "fleet" {
  managed_by = "platform/quickstart"
  region     = "ap-southeast-1"
  inventory { path = "inventory" }
}
variable "email" {
  description = "The root user's address: yours, and used for no other AWS account."
  type        = string
}
resource "fleet_account" "shop" {
  name                = "shop-prod"
  email               = var.email
  account_class       = "prod-workloads"
  environment         = "prod"
  owner               = "shop"
  data_classification = "internal"
  region_set          = ["ap-southeast-1"]
  network_profile     = "private-service"
  baseline_policy     = "prod-restricted"
  budget_owner        = "shop"
  controls            = { organization-policies = "own" }
}
resource "fleet_cluster_registration" "shop" {
  name                = "prod-shop-singapore"
  account             = fleet_account.shop.key
  environment         = "prod"
  region              = "ap-southeast-1"
  cloud               = "aws"
  data_classification = "internal"
}
data "fleet_inventory" "this" {}
resource "fleet_placement" "web" {
  app         = "web"
  environment = "prod"
  namespace   = "shop"
  inventory   = provider::fleet::overlay(data.fleet_inventory.this.snapshot, [fleet_cluster_registration.shop.record])
  selector    = { regions = ["ap-southeast-1"] }
  emit        = { json = { path = "targets" } }
}
