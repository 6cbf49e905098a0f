// The twin of the example `conformance`: the same types, descriptions and behaviour, with terraform-plugin-framework.
// What differs between the two under a CLI is a difference between the two SDKs.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
)

func main() {
	var debug bool
	flag.BoolVar(&debug, "debug", false, "wait for a CLI to attach")
	flag.Parse()

	err := providerserver.Serve(context.Background(), newProvider, providerserver.ServeOpts{
		Address: "registry.terraform.io/example/conformance",
		Debug:   debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}
