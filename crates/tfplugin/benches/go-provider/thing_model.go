package main

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type thingModel struct {
	Name            types.String    `tfsdk:"name"`
	Text            types.String    `tfsdk:"text"`
	Amount          types.Number    `tfsdk:"amount"`
	Cores           types.Int64     `tfsdk:"cores"`
	Enabled         types.Bool      `tfsdk:"enabled"`
	Size            types.String    `tfsdk:"size"`
	Weight          types.Number    `tfsdk:"weight"`
	Lines           types.List      `tfsdk:"lines"`
	Stages          types.List      `tfsdk:"stages"`
	Tags            types.Set       `tfsdk:"tags"`
	Labels          types.Map       `tfsdk:"labels"`
	Matrix          types.List      `tfsdk:"matrix"`
	Extra           types.Dynamic   `tfsdk:"extra"`
	Echo            types.Dynamic   `tfsdk:"echo"`
	Secret          types.String    `tfsdk:"secret"`
	Password        types.String    `tfsdk:"password"`
	PasswordVersion types.Int64     `tfsdk:"password_version"`
	PasswordLength  types.Int64     `tfsdk:"password_length"`
	Zone            types.String    `tfsdk:"zone"`
	Image           types.String    `tfsdk:"image"`
	Capacity        types.Number    `tfsdk:"capacity"`
	Policy          caseBlindString `tfsdk:"policy"`
	OldText         types.String    `tfsdk:"old_text"`
	Settings        types.Object    `tfsdk:"settings"`
	Limits          types.Object    `tfsdk:"limits"`
	Disks           types.List      `tfsdk:"disks"`
	Networks        types.Set       `tfsdk:"networks"`
	Ports           types.Map       `tfsdk:"ports"`
	Timeouts        types.Object    `tfsdk:"timeouts"`
	Length          types.Int64     `tfsdk:"length"`
	Revision        types.Int64     `tfsdk:"revision"`
	Mark            types.String    `tfsdk:"mark"`
	Events          types.List      `tfsdk:"events"`
	ID              types.String    `tfsdk:"id"`
}

type settingsModel struct {
	Mode    types.String `tfsdk:"mode"`
	Level   types.Int64  `tfsdk:"level"`
	Key     types.String `tfsdk:"key"`
	Report  types.Object `tfsdk:"report"`
	Summary types.String `tfsdk:"summary"`
}

type limitsModel struct {
	Soft types.Int64 `tfsdk:"soft"`
	Hard types.Int64 `tfsdk:"hard"`
}

type diskModel struct {
	Name       types.String `tfsdk:"name"`
	Gigabytes  types.Int64  `tfsdk:"gigabytes"`
	Partitions types.List   `tfsdk:"partitions"`
	Kind       types.String `tfsdk:"kind"`
	ID         types.String `tfsdk:"id"`
}

type networkModel struct {
	Network types.String `tfsdk:"network"`
	Primary types.Bool   `tfsdk:"primary"`
	Address types.String `tfsdk:"address"`
}

type portModel struct {
	Number   types.Int64  `tfsdk:"number"`
	Protocol types.String `tfsdk:"protocol"`
	URL      types.String `tfsdk:"url"`
}

type eventModel struct {
	What     types.String `tfsdk:"what"`
	Revision types.Int64  `tfsdk:"revision"`
}

var (
	numbersType   = types.ListType{ElemType: types.NumberType}
	partitionType = types.ObjectType{AttrTypes: map[string]attr.Type{
		"mount":    types.StringType,
		"writable": types.BoolType,
	}}
	reportType = types.ObjectType{AttrTypes: map[string]attr.Type{
		"address": types.StringType,
		"minutes": types.Int64Type,
	}}
	settingsType = types.ObjectType{AttrTypes: map[string]attr.Type{
		"mode":    types.StringType,
		"level":   types.Int64Type,
		"key":     types.StringType,
		"report":  reportType,
		"summary": types.StringType,
	}}
	limitsType = types.ObjectType{AttrTypes: map[string]attr.Type{
		"soft": types.Int64Type,
		"hard": types.Int64Type,
	}}
	diskType = types.ObjectType{AttrTypes: map[string]attr.Type{
		"name":       types.StringType,
		"gigabytes":  types.Int64Type,
		"partitions": types.ListType{ElemType: partitionType},
		"kind":       types.StringType,
		"id":         types.StringType,
	}}
	networkType = types.ObjectType{AttrTypes: map[string]attr.Type{
		"network": types.StringType,
		"primary": types.BoolType,
		"address": types.StringType,
	}}
	portType = types.ObjectType{AttrTypes: map[string]attr.Type{
		"number":   types.Int64Type,
		"protocol": types.StringType,
		"url":      types.StringType,
	}}
	timeoutsType = types.ObjectType{AttrTypes: map[string]attr.Type{
		"create": types.StringType,
		"read":   types.StringType,
		"update": types.StringType,
		"delete": types.StringType,
	}}
	eventType = types.ObjectType{AttrTypes: map[string]attr.Type{
		"what":     types.StringType,
		"revision": types.Int64Type,
	}}
)
