package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// caseBlindStringType is a string in which upper and lower case mean the same.
type caseBlindStringType struct {
	basetypes.StringType
}

type caseBlindString struct {
	basetypes.StringValue
}

var (
	_ basetypes.StringTypable                    = caseBlindStringType{}
	_ basetypes.StringValuableWithSemanticEquals = caseBlindString{}
)

func nullCaseBlindString() caseBlindString {
	return caseBlindString{StringValue: basetypes.NewStringNull()}
}

func (t caseBlindStringType) Equal(other attr.Type) bool {
	o, ok := other.(caseBlindStringType)
	return ok && t.StringType.Equal(o.StringType)
}

func (t caseBlindStringType) String() string {
	return "caseBlindStringType"
}

func (t caseBlindStringType) ValueFromString(_ context.Context, in basetypes.StringValue) (basetypes.StringValuable, diag.Diagnostics) {
	return caseBlindString{StringValue: in}, nil
}

func (t caseBlindStringType) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	value, err := t.StringType.ValueFromTerraform(ctx, in)
	if err != nil {
		return nil, err
	}
	text, ok := value.(basetypes.StringValue)
	if !ok {
		return nil, fmt.Errorf("unexpected value type %T", value)
	}
	return caseBlindString{StringValue: text}, nil
}

func (t caseBlindStringType) ValueType(context.Context) attr.Value {
	return caseBlindString{}
}

func (v caseBlindString) Type(context.Context) attr.Type {
	return caseBlindStringType{}
}

func (v caseBlindString) Equal(other attr.Value) bool {
	o, ok := other.(caseBlindString)
	return ok && v.StringValue.Equal(o.StringValue)
}

func (v caseBlindString) StringSemanticEquals(_ context.Context, other basetypes.StringValuable) (bool, diag.Diagnostics) {
	o, ok := other.(caseBlindString)
	return ok && strings.EqualFold(v.ValueString(), o.ValueString()), nil
}

// keepPriorSpelling plans what is in state where the configuration means the same: the framework asks a type for
// semantic equality after an apply and a read, not in a plan.
type keepPriorSpelling struct{}

func (keepPriorSpelling) Description(context.Context) string {
	return "Keeps the spelling in state where it means the same."
}

func (m keepPriorSpelling) MarkdownDescription(ctx context.Context) string {
	return m.Description(ctx)
}

func (keepPriorSpelling) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if known(req.StateValue) && known(req.PlanValue) && strings.EqualFold(req.StateValue.ValueString(), req.PlanValue.ValueString()) {
		resp.PlanValue = req.StateValue
	}
}

// known says whether a value is neither null nor unknown.
func known(value attr.Value) bool {
	return !value.IsNull() && !value.IsUnknown()
}

// said is the text, or what stands for none.
func said(text types.String) string {
	if !known(text) {
		return "-"
	}
	return text.ValueString()
}
