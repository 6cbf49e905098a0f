package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type tokenResource struct{}

type tokenModel struct {
	Audience   types.String `tfsdk:"audience"`
	RenewAfter types.Int64  `tfsdk:"renew_after"`
	Log        types.String `tfsdk:"log"`
	Fails      types.String `tfsdk:"fails"`
	Scope      types.String `tfsdk:"scope"`
	Value      types.String `tfsdk:"value"`
}

// openToken is what is kept of a token while it is open.
type openToken struct {
	Audience   string `json:"audience"`
	RenewAfter int64  `json:"renew_after"`
	Log        string `json:"log"`
	Fails      string `json:"fails"`
}

const openTokenKey = "token"

var (
	_ ephemeral.EphemeralResourceWithRenew = &tokenResource{}
	_ ephemeral.EphemeralResourceWithClose = &tokenResource{}
)

func newTokenResource() ephemeral.EphemeralResource {
	return &tokenResource{}
}

func (*tokenResource) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_token"
}

func (*tokenResource) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A token for somebody.",
		Attributes: map[string]schema.Attribute{
			"audience": schema.StringAttribute{
				MarkdownDescription: "Whom it is for.",
				Required:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"renew_after": schema.Int64Attribute{
				MarkdownDescription: "After how many seconds it has to be renewed; never, if not set.",
				Optional:            true,
				Validators:          []validator.Int64{int64validator.AtLeast(1)},
			},
			"log": schema.StringAttribute{
				MarkdownDescription: "A file that gets a line whenever the token is opened, renewed or closed.",
				Optional:            true,
			},
			"fails": schema.StringAttribute{
				MarkdownDescription: "What fails: `open`, `renew` or `close`.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf("open", "renew", "close")},
			},
			"scope": schema.StringAttribute{
				MarkdownDescription: "What it can do; `read` if not set.",
				Optional:            true,
				Computed:            true,
			},
			"value": schema.StringAttribute{
				MarkdownDescription: "The token.",
				Computed:            true,
				Sensitive:           true,
			},
		},
	}
}

func (*tokenResource) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var token tokenModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &token)...)
	if resp.Diagnostics.HasError() {
		return
	}
	open := openToken{
		Audience:   token.Audience.ValueString(),
		RenewAfter: token.RenewAfter.ValueInt64(),
		Log:        token.Log.ValueString(),
		Fails:      token.Fails.ValueString(),
	}
	if open.Fails == "open" {
		detail := fmt.Sprintf("There is no token for `%s`.", open.Audience)
		resp.Diagnostics.AddAttributeError(path.Root("audience"), "No token", detail)
		return
	}
	resp.Diagnostics.Append(open.write("open")...)
	kept, err := json.Marshal(open)
	if err != nil {
		resp.Diagnostics.AddError("No token", err.Error())
	}
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, openTokenKey, kept)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !known(token.Scope) {
		token.Scope = types.StringValue("read")
	}
	token.Value = types.StringValue("token-for-" + open.Audience)
	resp.RenewAt = open.renewAt()
	resp.Diagnostics.Append(resp.Result.Set(ctx, token)...)
}

func (*tokenResource) Renew(ctx context.Context, req ephemeral.RenewRequest, resp *ephemeral.RenewResponse) {
	kept, diags := req.Private.GetKey(ctx, openTokenKey)
	resp.Diagnostics.Append(diags...)
	open, diags := readOpenToken(kept)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(open.change("renew", "Not renewed")...)
	resp.RenewAt = open.renewAt()
}

func (*tokenResource) Close(ctx context.Context, req ephemeral.CloseRequest, resp *ephemeral.CloseResponse) {
	kept, diags := req.Private.GetKey(ctx, openTokenKey)
	resp.Diagnostics.Append(diags...)
	open, diags := readOpenToken(kept)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(open.change("close", "Not closed")...)
}

func readOpenToken(kept []byte) (open openToken, diags diag.Diagnostics) {
	if err := json.Unmarshal(kept, &open); err != nil {
		diags.AddError("Not a token", err.Error())
	}
	return open, diags
}

// change renews or closes, unless that is to fail.
func (t openToken) change(what, summary string) (diags diag.Diagnostics) {
	if t.Fails == what {
		diags.AddError(summary, fmt.Sprintf("The token for `%s` stays.", t.Audience))
		return diags
	}
	return t.write(what)
}

func (t openToken) renewAt() time.Time {
	if t.RenewAfter == 0 {
		return time.Time{}
	}
	return time.Now().Add(time.Duration(t.RenewAfter) * time.Second)
}

// write adds a line to the file of the log, if there is one.
func (t openToken) write(what string) (diags diag.Diagnostics) {
	if t.Log == "" {
		return diags
	}
	if err := appendLine(t.Log, what+" "+t.Audience); err != nil {
		diags.AddAttributeError(path.Root("log"), "No log", fmt.Sprintf("`%s`: %s.", t.Log, err))
	}
	return diags
}

func appendLine(name, line string) error {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = file.WriteString(line + "\n")
	return err
}
