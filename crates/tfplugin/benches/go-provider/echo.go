package main

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type echoDataSource struct {
	region types.String
}

type echoModel struct {
	Input  types.Dynamic   `tfsdk:"input"`
	Text   types.String    `tfsdk:"text"`
	Parts  []echoPartModel `tfsdk:"parts"`
	Output types.Dynamic   `tfsdk:"output"`
	Upper  types.String    `tfsdk:"upper"`
	Region types.String    `tfsdk:"region"`
}

type echoPartModel struct {
	Name   types.String `tfsdk:"name"`
	Length types.Int64  `tfsdk:"length"`
}

var _ datasource.DataSourceWithConfigure = &echoDataSource{}

func newEchoDataSource() datasource.DataSource {
	return &echoDataSource{}
}

func (*echoDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_echo"
}

func (*echoDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Gives back what it is given.",
		Attributes: map[string]schema.Attribute{
			"input": schema.DynamicAttribute{
				MarkdownDescription: "A value of any type.",
				Optional:            true,
			},
			"text": schema.StringAttribute{
				MarkdownDescription: "Any text; `nothing` is not found.",
				Optional:            true,
			},
			"parts": schema.ListNestedAttribute{
				MarkdownDescription: "Parts in order.",
				Optional:            true,
				NestedObject: schema.NestedAttributeObject{
					Attributes: map[string]schema.Attribute{
						"name": schema.StringAttribute{
							MarkdownDescription: "Its name.",
							Required:            true,
							Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
						},
						"length": schema.Int64Attribute{
							MarkdownDescription: "Characters of its name.",
							Computed:            true,
						},
					},
				},
			},
			"output": schema.DynamicAttribute{
				MarkdownDescription: "The value of any type.",
				Computed:            true,
			},
			"upper": schema.StringAttribute{
				MarkdownDescription: "The text in capitals.",
				Computed:            true,
			},
			"region": schema.StringAttribute{
				MarkdownDescription: "The region of the provider.",
				Computed:            true,
			},
		},
	}
}

func (d *echoDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	if region, ok := req.ProviderData.(types.String); ok {
		d.region = region
	}
}

func (d *echoDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var echo echoModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &echo)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if echo.Text.ValueString() == "nothing" {
		resp.Diagnostics.AddAttributeError(path.Root("text"), "Nothing found", "Nothing is called `nothing`.")
		return
	}
	for i := range echo.Parts {
		echo.Parts[i].Length = types.Int64Value(count(echo.Parts[i].Name.ValueString()))
	}
	echo.Output = echo.Input
	echo.Upper = echo.Text
	if known(echo.Text) {
		echo.Upper = types.StringValue(strings.ToUpper(echo.Text.ValueString()))
	}
	echo.Region = types.StringNull()
	if known(d.region) {
		echo.Region = d.region
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, echo)...)
}
