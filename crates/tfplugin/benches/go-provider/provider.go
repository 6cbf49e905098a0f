package main

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type conformanceProvider struct{}

type configModel struct {
	Region types.String  `tfsdk:"region"`
	Token  types.String  `tfsdk:"token"`
	Assume []assumeModel `tfsdk:"assume"`
}

type assumeModel struct {
	Role types.String `tfsdk:"role"`
}

var (
	_ provider.ProviderWithFunctions          = &conformanceProvider{}
	_ provider.ProviderWithEphemeralResources = &conformanceProvider{}
	_ provider.ProviderWithActions            = &conformanceProvider{}
	_ provider.ProviderWithListResources      = &conformanceProvider{}
)

func newProvider() provider.Provider {
	return &conformanceProvider{}
}

func (*conformanceProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "conformance"
}

func (*conformanceProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Offers types that use every part of the protocol.",
		Attributes: map[string]schema.Attribute{
			"region": schema.StringAttribute{
				MarkdownDescription: "Where things are, for the data sources that say so.",
				Optional:            true,
			},
			"token": schema.StringAttribute{
				MarkdownDescription: "Proves who asks.",
				Optional:            true,
				Sensitive:           true,
			},
		},
		Blocks: map[string]schema.Block{
			"assume": schema.ListNestedBlock{
				MarkdownDescription: "Whom to act as.",
				Validators:          []validator.List{listvalidator.SizeAtMost(1)},
				NestedObject: schema.NestedBlockObject{
					Attributes: map[string]schema.Attribute{
						"role": schema.StringAttribute{
							MarkdownDescription: "The role to take.",
							Required:            true,
							Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
						},
					},
				},
			},
		},
	}
}

func (*conformanceProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var config configModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.DataSourceData = config.Region
}

func (*conformanceProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		newFailingResource,
		newFileResource,
		newIdentifiedResource,
		newThingResource,
		newVersionedResource,
	}
}

func (*conformanceProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		newEchoDataSource,
	}
}

func (*conformanceProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{
		newIdentifiedList,
	}
}

func (*conformanceProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{
		newTokenResource,
	}
}

func (*conformanceProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{
		newAnnounceAction,
	}
}

func (*conformanceProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{
		newDescribeFunction,
		newDivideFunction,
		newJoinFunction,
	}
}
