package main

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type failingResource struct{}

type failingModel struct {
	Call     types.String `tfsdk:"call"`
	Severity types.String `tfsdk:"severity"`
	About    types.String `tfsdk:"about"`
	Keeps    types.Bool   `tfsdk:"keeps"`
	Text     types.String `tfsdk:"text"`
	Items    types.List   `tfsdk:"items"`
	Entries  types.Map    `tfsdk:"entries"`
	Elements types.Set    `tfsdk:"elements"`
	Group    types.Object `tfsdk:"group"`
	ID       types.String `tfsdk:"id"`
}

var (
	_ resource.ResourceWithModifyPlan     = &failingResource{}
	_ resource.ResourceWithValidateConfig = &failingResource{}
	_ resource.ResourceWithImportState    = &failingResource{}
)

func newFailingResource() resource.Resource {
	return &failingResource{}
}

func (*failingResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_failing"
}

func (*failingResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	part := map[string]schema.Attribute{
		"name": schema.StringAttribute{
			MarkdownDescription: "Its name.",
			Optional:            true,
		},
	}
	nested := schema.NestedAttributeObject{Attributes: part}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Fails, or warns, when it is asked to.",
		Attributes: map[string]schema.Attribute{
			"call": schema.StringAttribute{
				MarkdownDescription: "The call in which it does.",
				Required:            true,
				Validators: []validator.String{
					stringvalidator.OneOf("validate", "plan", "destroy", "create", "read", "update", "delete"),
				},
			},
			"severity": schema.StringAttribute{
				MarkdownDescription: "What it reports: an `error` or a `warning`.",
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString("error"),
				Validators:          []validator.String{stringvalidator.OneOf("error", "warning")},
			},
			"about": schema.StringAttribute{
				MarkdownDescription: "What the report is about.",
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString("whole"),
				Validators: []validator.String{
					stringvalidator.OneOf("whole", "text", "item", "name", "entry", "element", "group"),
				},
			},
			"keeps": schema.BoolAttribute{
				MarkdownDescription: "Is there an object all the same?",
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(false),
			},
			"text": schema.StringAttribute{
				MarkdownDescription: "Any text.",
				Optional:            true,
			},
			"items": schema.ListNestedAttribute{
				MarkdownDescription: "Parts in order.",
				Optional:            true,
				NestedObject:        nested,
			},
			"entries": schema.MapNestedAttribute{
				MarkdownDescription: "Parts by key.",
				Optional:            true,
				NestedObject:        nested,
			},
			"elements": schema.SetNestedAttribute{
				MarkdownDescription: "Parts without order.",
				Optional:            true,
				NestedObject:        nested,
			},
			"group": schema.SingleNestedAttribute{
				MarkdownDescription: "A single part.",
				Optional:            true,
				Attributes:          part,
			},
			"id": schema.StringAttribute{
				MarkdownDescription: "Always `failing`.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
		},
	}
}

func (*failingResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config failingModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(config.report("validate")...)
}

func (*failingResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var model failingModel
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &model)...)
		resp.Diagnostics.Append(model.report("destroy")...)
		return
	}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	resp.Diagnostics.Append(model.report("plan")...)
}

func (*failingResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var planned failingModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &planned)...)
	resp.Diagnostics.Append(planned.report("create")...)
	if resp.Diagnostics.HasError() && !planned.Keeps.ValueBool() {
		return
	}
	planned.ID = types.StringValue("failing")
	resp.Diagnostics.Append(resp.State.Set(ctx, planned)...)
}

func (*failingResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state failingModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(state.report("read")...)
}

func (*failingResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var planned failingModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &planned)...)
	resp.Diagnostics.Append(planned.report("update")...)
	if resp.Diagnostics.HasError() && !planned.Keeps.ValueBool() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, planned)...)
}

func (*failingResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state failingModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(state.report("delete")...)
}

func (*failingResource) ImportState(_ context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resp.Diagnostics.AddError("Nothing to import", fmt.Sprintf("Nothing is called `%s`.", req.ID))
}

// report is what it reports in this call.
func (m *failingModel) report(call string) (diags diag.Diagnostics) {
	if m.Call.ValueString() != call {
		return diags
	}
	summary, detail := "As asked for", fmt.Sprintf("This is what was asked for in %s.", call)
	var report diag.Diagnostic = diag.NewErrorDiagnostic(summary, detail)
	if m.Severity.ValueString() == "warning" {
		report = diag.NewWarningDiagnostic(summary, detail)
	}
	if where := m.path(); !where.Equal(path.Empty()) {
		report = diag.WithPath(where, report)
	}
	diags.Append(report)
	return diags
}

func (m *failingModel) path() path.Path {
	switch m.About.ValueString() {
	case "text":
		return path.Root("text")
	case "item":
		return path.Root("items").AtListIndex(1)
	case "name":
		return path.Root("items").AtListIndex(1).AtName("name")
	case "entry":
		return path.Root("entries").AtMapKey("b").AtName("name")
	case "element":
		return path.Root("elements")
	case "group":
		return path.Root("group").AtName("name")
	default:
		return path.Empty()
	}
}
