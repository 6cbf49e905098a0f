package main

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type identifiedList struct{}

type identifiedListModel struct {
	Prefix types.String `tfsdk:"prefix"`
	Amount types.Int64  `tfsdk:"amount"`
}

var _ list.ListResource = &identifiedList{}

func newIdentifiedList() list.ListResource {
	return &identifiedList{}
}

func (*identifiedList) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_identified"
}

func (*identifiedList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Finds identified things.",
		Attributes: map[string]schema.Attribute{
			"prefix": schema.StringAttribute{
				MarkdownDescription: "What their names begin with.",
				Optional:            true,
			},
			"amount": schema.Int64Attribute{
				MarkdownDescription: "How many there are; 3 if nothing is said.",
				Optional:            true,
				Validators:          []validator.Int64{int64validator.Between(0, 1000)},
			},
		},
	}
}

func (*identifiedList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config identifiedListModel
	if diags := req.Config.Get(ctx, &config); diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	amount := int64(3)
	if known(config.Amount) {
		amount = config.Amount.ValueInt64()
	}
	stream.Results = func(push func(list.ListResult) bool) {
		for number := int64(1); number <= amount && (req.Limit == 0 || number <= req.Limit); number++ {
			thing := newIdentified(defaultRegion, fmt.Sprintf("%s%d", config.Prefix.ValueString(), number))
			result := req.NewListResult(ctx)
			result.DisplayName = thing.ID.ValueString()
			result.Diagnostics.Append(result.Identity.Set(ctx, thing.identity())...)
			if req.IncludeResource {
				result.Diagnostics.Append(result.Resource.Set(ctx, thing)...)
			}
			if !push(result) {
				return
			}
		}
	}
}
