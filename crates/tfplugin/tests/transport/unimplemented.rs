//! What the provider does not offer is UNIMPLEMENTED, which core takes for what it is.

use crate::client::Client;
use crate::process::Process;

#[tokio::test]
async fn what_the_provider_does_not_offer_is_unimplemented() {
    let provider = Process::start(&[]);
    let client = Client::connect(&provider.handshake).await;
    for path in [
        "/tfplugin6.Provider/ValidateStateStoreConfig",
        "/tfplugin6.Provider/ConfigureStateStore",
        "/tfplugin6.Provider/ReadStateBytes",
        "/tfplugin6.Provider/WriteStateBytes",
        "/tfplugin6.Provider/LockState",
        "/tfplugin6.Provider/UnlockState",
        "/tfplugin6.Provider/GetStates",
        "/tfplugin6.Provider/DeleteState",
        // Of a protocol to come.
        "/tfplugin6.Provider/WhateverComesNext",
    ] {
        // An empty request is a message of each of them.
        let refused = client.call::<(), ()>(path, ()).await;
        assert_eq!(refused.unwrap_err().code(), tonic::Code::Unimplemented, "{path}");
    }
    // A stream of requests, from a client that sends one, is refused as well: see the path above.
    client.shutdown().await;
}
