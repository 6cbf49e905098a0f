package main

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type joinFunction struct{}

func newJoinFunction() function.Function {
	return joinFunction{}
}

func (joinFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "join"
}

func (joinFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary:             "Joins texts.",
		MarkdownDescription: "Joins texts with a separator.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "separator", MarkdownDescription: "What stands between."},
		},
		VariadicParameter: function.StringParameter{Name: "parts", MarkdownDescription: "What is joined; none is empty."},
		Return:            function.StringReturn{},
	}
}

func (joinFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var separator string
	var parts []string
	resp.Error = req.Arguments.Get(ctx, &separator, &parts)
	if resp.Error != nil {
		return
	}
	if empty := slices.Index(parts, ""); empty >= 0 {
		resp.Error = function.NewArgumentFuncError(int64(empty+1), "A part must not be empty.")
		return
	}
	resp.Error = resp.Result.Set(ctx, strings.Join(parts, separator))
}

type describeFunction struct{}

func newDescribeFunction() function.Function {
	return describeFunction{}
}

func (describeFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "describe"
}

func (describeFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary:             "Describes a value.",
		MarkdownDescription: "Says whether a value is `null`, `unknown` or `known`.",
		DeprecationMessage:  "Look at the value instead.",
		Parameters: []function.Parameter{
			function.DynamicParameter{
				Name:                "value",
				MarkdownDescription: "Any value.",
				AllowNullValue:      true,
				AllowUnknownValues:  true,
			},
		},
		Return: function.StringReturn{},
	}
}

func (describeFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var value types.Dynamic
	resp.Error = req.Arguments.Get(ctx, &value)
	if resp.Error != nil {
		return
	}
	described := "known"
	switch {
	case value.IsNull() || value.IsUnderlyingValueNull():
		described = "null"
	case value.IsUnknown() || value.IsUnderlyingValueUnknown():
		described = "unknown"
	}
	resp.Error = resp.Result.Set(ctx, described)
}

type divideFunction struct{}

func newDivideFunction() function.Function {
	return divideFunction{}
}

func (divideFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "divide"
}

func (divideFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary:             "Divides numbers.",
		MarkdownDescription: "Divides a whole number by another one, and drops the rest.",
		Parameters: []function.Parameter{
			function.Int64Parameter{Name: "dividend", MarkdownDescription: "What is divided."},
			function.Int64Parameter{Name: "divisor", MarkdownDescription: "By what it is divided; not 0."},
		},
		Return: function.Int64Return{},
	}
}

func (divideFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var dividend, divisor int64
	resp.Error = req.Arguments.Get(ctx, &dividend, &divisor)
	if resp.Error != nil {
		return
	}
	if divisor == 0 {
		resp.Error = function.NewArgumentFuncError(1, "The divisor must not be 0.")
		return
	}
	resp.Error = resp.Result.Set(ctx, dividend/divisor)
}
