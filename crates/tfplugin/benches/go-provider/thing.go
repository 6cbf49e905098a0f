package main

import (
	"context"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

const thingID = "thing-"

type thingResource struct{}

var (
	_ resource.ResourceWithModifyPlan  = &thingResource{}
	_ resource.ResourceWithImportState = &thingResource{}
)

func newThingResource() resource.Resource {
	return &thingResource{}
}

func (*thingResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_thing"
}

func (*thingResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var text types.String
	resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root("text"), &text)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("length"), lengthOf(text))...)
}

func (*thingResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var planned thingModel
	var password types.String
	resp.Diagnostics.Append(req.Plan.Get(ctx, &planned)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("password"), &password)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(planned.settle(ctx, password, nil)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, planned)...)
}

// Read spells policies in capitals, as the service does.
func (*thingResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var policy caseBlindString
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("policy"), &policy)...)
	if known(policy) {
		policy = caseBlindString{StringValue: types.StringValue(strings.ToUpper(policy.ValueString()))}
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("policy"), policy)...)
	}
}

func (*thingResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var planned, prior thingModel
	var password types.String
	resp.Diagnostics.Append(req.Plan.Get(ctx, &planned)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("password"), &password)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(planned.settle(ctx, password, &prior)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, planned)...)
}

func (*thingResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

func (*thingResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	name, found := strings.CutPrefix(req.ID, thingID)
	if !found || name == "" {
		resp.Diagnostics.AddError("Not the id of a thing", "The id of a thing begins with `thing-`, and its name follows.")
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, foundThing(name))...)
}

// lengthOf counts the characters of a text; none has none.
func lengthOf(text types.String) types.Int64 {
	if text.IsUnknown() {
		return types.Int64Unknown()
	}
	return types.Int64Value(count(text.ValueString()))
}

func count(text string) int64 {
	return int64(utf8.RuneCountInString(text))
}

// settle gives everything that the plan left open its value.
func (m *thingModel) settle(ctx context.Context, password types.String, prior *thingModel) diag.Diagnostics {
	revision, what := int64(1), "created"
	if prior != nil {
		revision, what = prior.Revision.ValueInt64()+1, "updated"
	}
	if m.ID.IsUnknown() {
		m.ID = types.StringValue(thingID + said(m.Name))
	}
	if m.Image.IsUnknown() {
		m.Image = types.StringValue("image-" + said(m.Size))
	}
	if m.Limits.IsUnknown() {
		m.Limits = ownLimits()
	}
	if m.Length.IsUnknown() {
		m.Length = lengthOf(m.Text)
	}
	if m.Mark.IsUnknown() {
		m.Mark = m.Text
	}
	if m.Revision.IsUnknown() {
		m.Revision = types.Int64Value(revision)
	}
	if m.PasswordLength.IsUnknown() {
		m.PasswordLength = types.Int64Null()
		if known(password) {
			m.PasswordLength = types.Int64Value(count(password.ValueString()))
		}
	}
	if m.Echo.IsUnknown() {
		m.Echo = m.Extra
	}
	var diags diag.Diagnostics
	if m.Events.IsUnknown() {
		events := []eventModel{{What: types.StringValue(what), Revision: types.Int64Value(revision)}}
		var more diag.Diagnostics
		m.Events, more = types.ListValueFrom(ctx, eventType, events)
		diags.Append(more...)
	}
	diags.Append(m.settleParts(ctx)...)
	return diags
}

func (m *thingModel) settleParts(ctx context.Context) (diags diag.Diagnostics) {
	if known(m.Limits) {
		var limits limitsModel
		diags.Append(m.Limits.As(ctx, &limits, basetypes.ObjectAsOptions{})...)
		if limits.Soft.IsUnknown() {
			limits.Soft = types.Int64Value(1)
		}
		if limits.Hard.IsUnknown() {
			limits.Hard = types.Int64Value(2)
		}
		value, more := types.ObjectValueFrom(ctx, limitsType.AttrTypes, limits)
		diags.Append(more...)
		m.Limits = value
	}
	if known(m.Settings) {
		var settings settingsModel
		diags.Append(m.Settings.As(ctx, &settings, basetypes.ObjectAsOptions{})...)
		if settings.Summary.IsUnknown() {
			level := "-"
			if known(settings.Level) {
				level = strconv.FormatInt(settings.Level.ValueInt64(), 10)
			}
			settings.Summary = types.StringValue(said(settings.Mode) + "/" + level)
		}
		value, more := types.ObjectValueFrom(ctx, settingsType.AttrTypes, settings)
		diags.Append(more...)
		m.Settings = value
	}
	if known(m.Disks) {
		var disks []diskModel
		diags.Append(m.Disks.ElementsAs(ctx, &disks, false)...)
		for i := range disks {
			if disks[i].ID.IsUnknown() {
				disks[i].ID = types.StringValue("disk-" + said(disks[i].Name))
			}
		}
		value, more := types.ListValueFrom(ctx, diskType, disks)
		diags.Append(more...)
		m.Disks = value
	}
	if known(m.Networks) {
		var networks []networkModel
		diags.Append(m.Networks.ElementsAs(ctx, &networks, false)...)
		for i := range networks {
			if networks[i].Address.IsUnknown() {
				networks[i].Address = types.StringValue(fmt.Sprintf("10.0.0.%d", count(said(networks[i].Network))))
			}
		}
		value, more := types.SetValueFrom(ctx, networkType, networks)
		diags.Append(more...)
		m.Networks = value
	}
	if known(m.Ports) {
		var ports map[string]portModel
		diags.Append(m.Ports.ElementsAs(ctx, &ports, false)...)
		for name, port := range ports {
			if port.URL.IsUnknown() {
				port.URL = types.StringValue(fmt.Sprintf("%s://localhost:%d", said(port.Protocol), port.Number.ValueInt64()))
				ports[name] = port
			}
		}
		value, more := types.MapValueFrom(ctx, portType, ports)
		diags.Append(more...)
		m.Ports = value
	}
	return diags
}

func ownLimits() types.Object {
	return types.ObjectValueMust(limitsType.AttrTypes, map[string]attr.Value{
		"soft": types.Int64Value(1),
		"hard": types.Int64Value(2),
	})
}

// foundThing is the thing as an import finds it.
func foundThing(name string) thingModel {
	return thingModel{
		Name:     types.StringValue(name),
		Enabled:  types.BoolValue(true),
		Size:     types.StringValue("small"),
		Weight:   types.NumberValue(big.NewFloat(2)),
		Lines:    types.ListNull(types.StringType),
		Stages:   defaultStages(),
		Tags:     types.SetNull(types.StringType),
		Labels:   types.MapNull(types.StringType),
		Matrix:   types.ListNull(numbersType),
		Image:    types.StringValue("image-small"),
		Policy:   nullCaseBlindString(),
		Settings: types.ObjectNull(settingsType.AttrTypes),
		Limits:   ownLimits(),
		Disks:    types.ListNull(diskType),
		Networks: types.SetNull(networkType),
		Ports:    types.MapNull(portType),
		Timeouts: types.ObjectNull(timeoutsType.AttrTypes),
		Length:   types.Int64Value(0),
		Revision: types.Int64Value(1),
		Events:   types.ListNull(eventType),
		ID:       types.StringValue(thingID + name),
	}
}
