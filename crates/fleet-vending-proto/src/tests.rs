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
