package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type versionedResource struct{}

type versionedModel struct {
	Name   types.String `tfsdk:"name"`
	Labels types.Map    `tfsdk:"labels"`
	Size   types.Int64  `tfsdk:"size"`
	ID     types.String `tfsdk:"id"`
}

// versionedModelV0 is the state as version 0 had it.
type versionedModelV0 struct {
	Name  types.String `tfsdk:"name"`
	Label types.String `tfsdk:"label"`
}

// versionedModelV1 is the state as version 1 had it.
type versionedModelV1 struct {
	Name   types.String `tfsdk:"name"`
	Labels types.List   `tfsdk:"labels"`
	Size   types.String `tfsdk:"size"`
}

var (
	_ resource.ResourceWithUpgradeState = &versionedResource{}
	_ resource.ResourceWithMoveState    = &versionedResource{}
)

func newVersionedResource() resource.Resource {
	return &versionedResource{}
}

func (*versionedResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_versioned"
}

func (*versionedResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		Version:             2,
		MarkdownDescription: "A thing whose state has changed its shape twice.",
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				MarkdownDescription: "The name.",
				Required:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"labels": schema.MapAttribute{
				MarkdownDescription: "Labels: version 0 had one, version 1 a list of `key=value`.",
				ElementType:         types.StringType,
				Optional:            true,
			},
			"size": schema.Int64Attribute{
				MarkdownDescription: "The size: version 1 had it as text.",
				Optional:            true,
			},
			"id": schema.StringAttribute{
				MarkdownDescription: "`versioned-` and the name.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
		},
	}
}

func (*versionedResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var planned versionedModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &planned)...)
	if resp.Diagnostics.HasError() {
		return
	}
	planned.ID = versionedID(planned.Name)
	resp.Diagnostics.Append(resp.State.Set(ctx, planned)...)
}

func (*versionedResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (*versionedResource) Update(_ context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.State.Raw = req.Plan.Raw
}

func (*versionedResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

func (*versionedResource) UpgradeState(context.Context) map[int64]resource.StateUpgrader {
	text := schema.StringAttribute{Optional: true}
	return map[int64]resource.StateUpgrader{
		0: {
			PriorSchema: &schema.Schema{Attributes: map[string]schema.Attribute{
				"name":  text,
				"label": text,
			}},
			StateUpgrader: upgradeFromV0,
		},
		1: {
			PriorSchema: &schema.Schema{Attributes: map[string]schema.Attribute{
				"name":   text,
				"labels": schema.ListAttribute{ElementType: types.StringType, Optional: true},
				"size":   text,
			}},
			StateUpgrader: upgradeFromV1,
		},
	}
}

func upgradeFromV0(ctx context.Context, req resource.UpgradeStateRequest, resp *resource.UpgradeStateResponse) {
	var before versionedModelV0
	resp.Diagnostics.Append(req.State.Get(ctx, &before)...)
	if resp.Diagnostics.HasError() {
		return
	}
	after := newVersioned(before.Name)
	if known(before.Label) {
		after.Labels = types.MapValueMust(types.StringType, map[string]attr.Value{"label": before.Label})
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, after)...)
}

func upgradeFromV1(ctx context.Context, req resource.UpgradeStateRequest, resp *resource.UpgradeStateResponse) {
	var before versionedModelV1
	resp.Diagnostics.Append(req.State.Get(ctx, &before)...)
	if resp.Diagnostics.HasError() {
		return
	}
	after := newVersioned(before.Name)
	if known(before.Labels) {
		var pairs []string
		resp.Diagnostics.Append(before.Labels.ElementsAs(ctx, &pairs, false)...)
		labels := map[string]attr.Value{}
		for _, pair := range pairs {
			if key, value, found := strings.Cut(pair, "="); found {
				labels[key] = types.StringValue(value)
			}
		}
		after.Labels = types.MapValueMust(types.StringType, labels)
	}
	if size, err := strconv.ParseInt(before.Size.ValueString(), 10, 64); err == nil {
		after.Size = types.Int64Value(size)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, after)...)
}

func (*versionedResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: moveState}}
}

// moveState takes this provider's conformance_thing, and the CLI's own terraform_data with a text as input.
func moveState(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	var source struct {
		Name  *string `json:"name"`
		Input *struct {
			Value any `json:"value"`
		} `json:"input"`
	}
	if err := json.Unmarshal(req.SourceRawState.JSON, &source); err != nil {
		resp.Diagnostics.AddError("Cannot be moved", err.Error())
		return
	}
	name := types.StringNull()
	switch {
	case req.SourceTypeName == "conformance_thing" && source.Name != nil:
		name = types.StringValue(*source.Name)
	case req.SourceTypeName == "terraform_data" && strings.HasPrefix(req.SourceProviderAddress, "terraform.io/builtin/") && source.Input != nil:
		if text, ok := source.Input.Value.(string); ok {
			name = types.StringValue(text)
		}
	}
	if name.IsNull() {
		detail := fmt.Sprintf("A `%s` of `%s` with no name is no versioned thing.", req.SourceTypeName, req.SourceProviderAddress)
		resp.Diagnostics.AddError("Cannot be moved", detail)
		return
	}
	resp.Diagnostics.Append(resp.TargetState.Set(ctx, newVersioned(name))...)
}

func newVersioned(name types.String) versionedModel {
	return versionedModel{
		Name:   name,
		Labels: types.MapNull(types.StringType),
		ID:     versionedID(name),
	}
}

func versionedID(name types.String) types.String {
	return types.StringValue("versioned-" + name.ValueString())
}
