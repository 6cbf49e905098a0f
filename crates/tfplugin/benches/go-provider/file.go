package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type fileResource struct{}

type fileModel struct {
	Path    types.String `tfsdk:"path"`
	Content types.String `tfsdk:"content"`
	Size    types.Int64  `tfsdk:"size"`
	ID      types.String `tfsdk:"id"`
}

var (
	_ resource.ResourceWithModifyPlan  = &fileResource{}
	_ resource.ResourceWithImportState = &fileResource{}
)

func newFileResource() resource.Resource {
	return &fileResource{}
}

func (*fileResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_file"
}

func (*fileResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A file on this machine.",
		Attributes: map[string]schema.Attribute{
			"path": schema.StringAttribute{
				MarkdownDescription: "Where it is; another path is another file.",
				Required:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"content": schema.StringAttribute{
				MarkdownDescription: "What is in it.",
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString(""),
			},
			"size": schema.Int64Attribute{
				MarkdownDescription: "Number of bytes in it, known as soon as the content is.",
				Computed:            true,
			},
			"id": schema.StringAttribute{
				MarkdownDescription: "Names the file for an import: its path.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
		},
	}
}

func (*fileResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var content types.String
	resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root("content"), &content)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("size"), sizeOf(content))...)
}

func (*fileResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var file fileModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &file)...)
	resp.Diagnostics.Append(file.write()...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, file)...)
	}
}

func (*fileResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var file fileModel
	resp.Diagnostics.Append(req.State.Get(ctx, &file)...)
	if resp.Diagnostics.HasError() {
		return
	}
	content, err := os.ReadFile(file.Path.ValueString())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		resp.State.RemoveResource(ctx)
	case err != nil:
		resp.Diagnostics.Append(outOfReach(file.Path.ValueString(), "read", err))
	default:
		file.Content = types.StringValue(string(content))
		file.Size = sizeOf(file.Content)
		resp.Diagnostics.Append(resp.State.Set(ctx, file)...)
	}
}

func (*fileResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var file fileModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &file)...)
	resp.Diagnostics.Append(file.write()...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, file)...)
	}
}

func (*fileResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var file fileModel
	resp.Diagnostics.Append(req.State.Get(ctx, &file)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if err := os.Remove(file.Path.ValueString()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		resp.Diagnostics.Append(outOfReach(file.Path.ValueString(), "removed", err))
	}
}

func (*fileResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	content, err := os.ReadFile(req.ID)
	if err != nil {
		resp.Diagnostics.Append(outOfReach(req.ID, "read", err))
		return
	}
	file := fileModel{
		Path:    types.StringValue(req.ID),
		Content: types.StringValue(string(content)),
		ID:      types.StringValue(req.ID),
	}
	file.Size = sizeOf(file.Content)
	resp.Diagnostics.Append(resp.State.Set(ctx, file)...)
}

func (m *fileModel) write() (diags diag.Diagnostics) {
	if err := os.WriteFile(m.Path.ValueString(), []byte(m.Content.ValueString()), 0o644); err != nil {
		diags.Append(outOfReach(m.Path.ValueString(), "written", err))
		return diags
	}
	m.ID = m.Path
	m.Size = sizeOf(m.Content)
	return diags
}

func sizeOf(content types.String) types.Int64 {
	switch {
	case content.IsUnknown():
		return types.Int64Unknown()
	case content.IsNull():
		return types.Int64Null()
	default:
		return types.Int64Value(int64(len(content.ValueString())))
	}
}

func outOfReach(name, verb string, err error) diag.Diagnostic {
	detail := fmt.Sprintf("`%s` cannot be %s: %s.", name, verb, err)
	return diag.NewAttributeErrorDiagnostic(path.Root("path"), "The file is out of reach", detail)
}
