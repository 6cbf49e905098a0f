"""EC2's account-wide settings of a region that moto lacks: who can have snapshots and images, how instances reach their metadata.

They are kept with moto's EC2 of the account and the region. A declarative policy that sets them is not played.
"""

from moto.core.responses import ActionResult
from moto.ec2.exceptions import InvalidParameterValueError
from moto.ec2.responses import EC2Response

SNAPSHOTS = ("block-all-sharing", "block-new-sharing")
IMAGES = ("block-new-sharing",)
METADATA = {
    "HttpTokens": ("optional", "required"),
    "HttpEndpoint": ("disabled", "enabled"),
    "InstanceMetadataTags": ("disabled", "enabled"),
    "HttpTokensEnforced": ("disabled", "enabled"),
}


def settings_of(response):
    """The settings of the caller's account in the region of the call, by name; what was never set is not there."""
    return response.ec2_backend.__dict__.setdefault("fleet_settings", {})


def one_of(value, words):
    """Refuses a word that is none of these."""
    if value not in words:
        raise InvalidParameterValueError(value)
    return value


def blocking(name, member, words):
    """The three calls about a block of sharing: see it, set it, and take it away."""
    def get(response):
        return ActionResult({member: settings_of(response).get(name, "unblocked"), "ManagedBy": "account"})

    def enable(response):
        settings_of(response)[name] = one_of(response._get_param(member), words)
        return ActionResult({member: settings_of(response)[name]})

    def disable(response):
        settings_of(response).pop(name, None)
        return ActionResult({member: "unblocked"})

    return get, enable, disable


def get_instance_metadata_defaults(response):
    """What was set, each part of it by itself."""
    return ActionResult({"AccountLevel": settings_of(response).get("metadata", {}) | {"ManagedBy": "account"}})


def modify_instance_metadata_defaults(response):
    """What the call leaves out stays as it is; "no-preference", and -1 for the hops, take a part away."""
    wanted = dict(settings_of(response).get("metadata", {}))
    for name, words in METADATA.items():
        value = response._get_param(name)
        if value == "no-preference":
            wanted.pop(name, None)
        elif value is not None:
            wanted[name] = one_of(value, words)
    hops = response._get_param("HttpPutResponseHopLimit")
    if hops is not None and int(hops) == -1:
        wanted.pop("HttpPutResponseHopLimit", None)
    elif hops is not None:
        if not 1 <= int(hops) <= 64:
            raise InvalidParameterValueError(hops)
        wanted["HttpPutResponseHopLimit"] = int(hops)
    settings_of(response)["metadata"] = wanted
    return ActionResult({"Return": True})


(EC2Response.get_snapshot_block_public_access_state, EC2Response.enable_snapshot_block_public_access,
 EC2Response.disable_snapshot_block_public_access) = blocking("snapshots", "State", SNAPSHOTS)
(EC2Response.get_image_block_public_access_state, EC2Response.enable_image_block_public_access,
 EC2Response.disable_image_block_public_access) = blocking("images", "ImageBlockPublicAccessState", IMAGES)
EC2Response.get_instance_metadata_defaults = get_instance_metadata_defaults
EC2Response.modify_instance_metadata_defaults = modify_instance_metadata_defaults
