package main

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type announceAction struct{}

type announceModel struct {
	Message types.String `tfsdk:"message"`
	Times   types.Int64  `tfsdk:"times"`
	File    types.String `tfsdk:"file"`
	Fails   types.String `tfsdk:"fails"`
	Waits   types.Bool   `tfsdk:"waits"`
}

var _ action.ActionWithModifyPlan = &announceAction{}

func newAnnounceAction() action.Action {
	return &announceAction{}
}

func (*announceAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_announce"
}

func (*announceAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Says something to whoever waits.",
		Attributes: map[string]schema.Attribute{
			"message": schema.StringAttribute{
				MarkdownDescription: "What to say.",
				Required:            true,
				Validators:          []validator.String{stringvalidator.LengthBetween(1, 80)},
			},
			"times": schema.Int64Attribute{
				MarkdownDescription: "How often; once, if not set.",
				Optional:            true,
				Validators:          []validator.Int64{int64validator.Between(1, 10)},
			},
			"file": schema.StringAttribute{
				MarkdownDescription: "A file that gets the message as a line each time.",
				Optional:            true,
			},
			"fails": schema.StringAttribute{
				MarkdownDescription: "Whether it fails: `plan`, or `invoke` once all is said.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf("plan", "invoke")},
			},
			"waits": schema.BoolAttribute{
				MarkdownDescription: "Whether it waits, once all is said, until it is interrupted.",
				Optional:            true,
			},
		},
	}
}

func (*announceAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	var config announceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if config.Fails.ValueString() == "plan" {
		resp.Diagnostics.AddAttributeError(path.Root("message"), "Not to be announced", "Nobody may hear of it.")
	}
}

func (*announceAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var config announceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	times := int64(1)
	if known(config.Times) {
		times = config.Times.ValueInt64()
	}
	for time := int64(1); time <= times; time++ {
		resp.SendProgress(action.InvokeProgressEvent{
			Message: fmt.Sprintf("%d: %s", time, config.Message.ValueString()),
		})
		if !known(config.File) {
			continue
		}
		if err := appendLine(config.File.ValueString(), config.Message.ValueString()); err != nil {
			detail := fmt.Sprintf("`%s`: %s.", config.File.ValueString(), err)
			resp.Diagnostics.AddAttributeError(path.Root("file"), "Not written", detail)
			return
		}
	}
	if config.Waits.ValueBool() {
		<-ctx.Done()
		resp.Diagnostics.AddError("Interrupted", "The announcement was interrupted.")
		return
	}
	if config.Fails.ValueString() == "invoke" {
		detail := fmt.Sprintf("Nobody listened to `%s`.", config.Message.ValueString())
		resp.Diagnostics.AddAttributeError(path.Root("message"), "Not heard", detail)
	}
}
