use prost::Message as _;
use prost_types::FileDescriptorSet;

use super::*;

#[test]
fn the_descriptors_are_those_of_the_service() {
    let set = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap();
    let services = set.file.iter().flat_map(|file| {
        file.service.iter().map(|service| format!("{}.{}", file.package(), service.name()))
    });
    assert_eq!(services.collect::<Vec<_>>(), [SERVICE]);
    assert_eq!(v1beta1::account_vendor_server::SERVICE_NAME, SERVICE);
}

#[test]
fn a_fleet_id_is_the_one_that_the_provider_makes() {
    assert_eq!(fleet_id("payments"), fleet_model::tags::vendor_fleet_id("payments"));
}
