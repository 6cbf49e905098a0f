"""Service Quotas: the quota of accounts."""

from moto.servicequotas import models, urls

from .settings import SETTINGS

ACCOUNTS = "L-E619E033"


class Quotas(models.ServiceQuotasBackend):
    """moto's quotas, and the one of accounts; as at AWS it shows in one region."""

    _url_module = urls

    def get_service_quota(self, service_code, quota_code):
        if (service_code, quota_code, self.region_name) == ("organizations", ACCOUNTS, "us-east-1"):
            return {"ServiceCode": service_code, "ServiceName": "AWS Organizations", "QuotaCode": quota_code,
                    "QuotaName": "Default maximum number of accounts", "Value": float(SETTINGS.account_quota), "Unit": "None",
                    "Adjustable": True, "GlobalQuota": True,
                    "QuotaArn": f"arn:aws:servicequotas::{self.account_id}:{service_code}/{quota_code}"}
        return super().get_service_quota(service_code, quota_code)


models.servicequotas_backends.backend = Quotas
