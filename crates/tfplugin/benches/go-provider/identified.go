package main

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// defaultRegion is where a thing is that says nothing else.
const defaultRegion = "eu"

type identifiedResource struct{}

type identifiedModel struct {
	Name   types.String `tfsdk:"name"`
	Region types.String `tfsdk:"region"`
	Note   types.String `tfsdk:"note"`
	ID     types.String `tfsdk:"id"`
}

type identityModel struct {
	Name   types.String `tfsdk:"name"`
	Region types.String `tfsdk:"region"`
}

var (
	_ resource.ResourceWithIdentity    = &identifiedResource{}
	_ resource.ResourceWithImportState = &identifiedResource{}
)

func newIdentifiedResource() resource.Resource {
	return &identifiedResource{}
}

func (*identifiedResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_identified"
}

func (*identifiedResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A thing that is known by its region and name.",
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				MarkdownDescription: "The name, one of its kind in a region.",
				Required:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"region": schema.StringAttribute{
				MarkdownDescription: "The region.",
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString(defaultRegion),
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"note": schema.StringAttribute{
				MarkdownDescription: "What is noted about it.",
				Optional:            true,
			},
			"id": schema.StringAttribute{
				MarkdownDescription: "Region and name, with a slash between them.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
		},
	}
}

func (*identifiedResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"name": identityschema.StringAttribute{
				Description:       "The name of the thing.",
				RequiredForImport: true,
			},
			"region": identityschema.StringAttribute{
				Description:       "The region of the thing; `eu` if there is none.",
				OptionalForImport: true,
			},
		},
	}
}

func (*identifiedResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var planned identifiedModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &planned)...)
	if resp.Diagnostics.HasError() {
		return
	}
	planned.ID = types.StringValue(planned.Region.ValueString() + "/" + planned.Name.ValueString())
	resp.Diagnostics.Append(resp.State.Set(ctx, planned)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, planned.identity())...)
}

func (*identifiedResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state identifiedModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
}

func (*identifiedResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var planned identifiedModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &planned)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, planned)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, planned.identity())...)
}

func (*identifiedResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}

func (*identifiedResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	region, name, found := strings.Cut(req.ID, "/")
	if req.ID == "" {
		var identity identityModel
		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)
		if resp.Diagnostics.HasError() {
			return
		}
		region, name = identity.Region.ValueString(), identity.Name.ValueString()
		if region == "" {
			region = defaultRegion
		}
		if name == "missing" {
			resp.Diagnostics.AddError("Nothing to import", "There is no such thing.")
			return
		}
	} else if !found {
		resp.Diagnostics.AddError("Not an id", "The id is the region and the name, with a slash between them.")
		return
	}
	thing := newIdentified(region, name)
	resp.Diagnostics.Append(resp.State.Set(ctx, thing)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, thing.identity())...)
}

// newIdentified is the thing of this region and name, of which nothing else is known.
func newIdentified(region, name string) identifiedModel {
	return identifiedModel{
		Name:   types.StringValue(name),
		Region: types.StringValue(region),
		ID:     types.StringValue(region + "/" + name),
	}
}

func (m identifiedModel) identity() identityModel {
	return identityModel{Name: m.Name, Region: m.Region}
}
