package main

import (
	"context"
	"math/big"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/listdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/numberdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/numberplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/objectplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func (*thingResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A thing that lives in the state alone, with every kind of attribute.",
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				MarkdownDescription: "Names the thing.",
				Required:            true,
				Validators:          []validator.String{stringvalidator.LengthBetween(1, 40)},
			},
			"text": schema.StringAttribute{
				MarkdownDescription: "Any text.",
				Optional:            true,
			},
			"amount": schema.NumberAttribute{
				MarkdownDescription: "Any number.",
				Optional:            true,
			},
			"cores": schema.Int64Attribute{
				MarkdownDescription: "Number of processors.",
				Optional:            true,
				Validators:          []validator.Int64{int64validator.Between(0, 1024)},
			},
			"enabled": schema.BoolAttribute{
				MarkdownDescription: "Is it switched on?",
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(true),
			},
			"size": schema.StringAttribute{
				MarkdownDescription: "Its size: `small` or `large`.",
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString("small"),
				Validators:          []validator.String{stringvalidator.OneOf("small", "large")},
			},
			"weight": schema.NumberAttribute{
				MarkdownDescription: "Its weight.",
				Optional:            true,
				Computed:            true,
				Default:             numberdefault.StaticBigFloat(big.NewFloat(2)),
			},
			"lines": schema.ListAttribute{
				MarkdownDescription: "Lines in order.",
				ElementType:         types.StringType,
				Optional:            true,
			},
			"stages": schema.ListAttribute{
				MarkdownDescription: "Stages in order.",
				ElementType:         types.StringType,
				Optional:            true,
				Computed:            true,
				Default:             listdefault.StaticValue(defaultStages()),
			},
			"tags": schema.SetAttribute{
				MarkdownDescription: "Tags without order.",
				ElementType:         types.StringType,
				Optional:            true,
			},
			"labels": schema.MapAttribute{
				MarkdownDescription: "Labels by key.",
				ElementType:         types.StringType,
				Optional:            true,
				Validators:          []validator.Map{mapvalidator.KeysAre(stringvalidator.LengthBetween(1, 12))},
			},
			"matrix": schema.ListAttribute{
				MarkdownDescription: "Rows of numbers.",
				ElementType:         numbersType,
				Optional:            true,
			},
			"extra": schema.DynamicAttribute{
				MarkdownDescription: "A value of any type.",
				Optional:            true,
			},
			"echo": schema.DynamicAttribute{
				MarkdownDescription: "The value of any type, once it is applied.",
				Computed:            true,
			},
			"secret": schema.StringAttribute{
				MarkdownDescription: "Never shown.",
				Optional:            true,
				Sensitive:           true,
			},
			"password": schema.StringAttribute{
				MarkdownDescription: "Kept nowhere.",
				Optional:            true,
				WriteOnly:           true,
			},
			"password_version": schema.Int64Attribute{
				MarkdownDescription: "Another version sends the password again.",
				Optional:            true,
			},
			"password_length": schema.Int64Attribute{
				MarkdownDescription: "Length of the password that was sent last.",
				Computed:            true,
			},
			"zone": schema.StringAttribute{
				MarkdownDescription: "Where it is; another zone is another thing.",
				Optional:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"image": schema.StringAttribute{
				MarkdownDescription: "What it runs. Chosen by size if it is not configured.",
				Optional:            true,
				Computed:            true,
				PlanModifiers: []planmodifier.String{
					stringplanmodifier.UseStateForUnknown(),
					stringplanmodifier.RequiresReplaceIfConfigured(),
				},
			},
			"capacity": schema.NumberAttribute{
				MarkdownDescription: "Capacity, which can grow but not shrink.",
				Optional:            true,
				PlanModifiers: []planmodifier.Number{
					numberplanmodifier.RequiresReplaceIf(shrinks, "Replaces what shrinks.", "Replaces what shrinks."),
				},
			},
			"policy": schema.StringAttribute{
				MarkdownDescription: "A policy; upper and lower case mean the same.",
				CustomType:          caseBlindStringType{},
				Optional:            true,
				PlanModifiers:       []planmodifier.String{keepPriorSpelling{}},
			},
			"old_text": schema.StringAttribute{
				MarkdownDescription: "The former text.",
				Optional:            true,
				DeprecationMessage:  "Use `text`.",
			},
			"settings": schema.SingleNestedAttribute{
				MarkdownDescription: "Settings.",
				Optional:            true,
				Attributes:          settingsAttributes(),
			},
			"limits": schema.SingleNestedAttribute{
				MarkdownDescription: "Limits. The thing has its own if they are not configured.",
				Optional:            true,
				Computed:            true,
				PlanModifiers:       []planmodifier.Object{objectplanmodifier.UseStateForUnknown()},
				Attributes: map[string]schema.Attribute{
					"soft": schema.Int64Attribute{
						MarkdownDescription: "Where it warns.",
						Optional:            true,
						Computed:            true,
					},
					"hard": schema.Int64Attribute{
						MarkdownDescription: "Where it stops.",
						Optional:            true,
						Computed:            true,
					},
				},
			},
			"disks": schema.ListNestedAttribute{
				MarkdownDescription: "Disks in order.",
				Optional:            true,
				Validators:          []validator.List{listvalidator.SizeAtMost(8)},
				NestedObject:        schema.NestedAttributeObject{Attributes: diskAttributes()},
			},
			"networks": schema.SetNestedAttribute{
				MarkdownDescription: "Networks without order.",
				Optional:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: networkAttributes()},
			},
			"ports": schema.MapNestedAttribute{
				MarkdownDescription: "Ports by name.",
				Optional:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: portAttributes()},
			},
			"timeouts": schema.SingleNestedAttribute{
				MarkdownDescription: "How long things may take.",
				Optional:            true,
				Attributes:          timeoutsAttributes(),
			},
			"length": schema.Int64Attribute{
				MarkdownDescription: "Characters of the text, known as soon as the text is.",
				Computed:            true,
			},
			"revision": schema.Int64Attribute{
				MarkdownDescription: "Counts the changes.",
				Computed:            true,
			},
			"mark": schema.StringAttribute{
				MarkdownDescription: "The first text it had.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseNonNullStateForUnknown()},
			},
			"events": schema.ListNestedAttribute{
				MarkdownDescription: "What happened last.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: eventAttributes()},
			},
			"id": schema.StringAttribute{
				MarkdownDescription: "Names the thing for an import.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
		},
	}
}

func settingsAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"mode": schema.StringAttribute{
			MarkdownDescription: "How it works: `plain` or `fancy`.",
			Optional:            true,
			Computed:            true,
			Default:             stringdefault.StaticString("plain"),
			Validators:          []validator.String{stringvalidator.OneOf("plain", "fancy")},
		},
		"level": schema.Int64Attribute{
			MarkdownDescription: "How much of it.",
			Optional:            true,
		},
		"key": schema.StringAttribute{
			MarkdownDescription: "What unlocks it. Kept nowhere.",
			Optional:            true,
			WriteOnly:           true,
		},
		"report": schema.SingleNestedAttribute{
			MarkdownDescription: "Where it reports to.",
			Optional:            true,
			Attributes: map[string]schema.Attribute{
				"address": schema.StringAttribute{
					MarkdownDescription: "The address.",
					Required:            true,
				},
				"minutes": schema.Int64Attribute{
					MarkdownDescription: "Every so many minutes.",
					Optional:            true,
					Computed:            true,
					Default:             int64default.StaticInt64(5),
				},
			},
		},
		"summary": schema.StringAttribute{
			MarkdownDescription: "Mode and level in one.",
			Computed:            true,
		},
	}
}

func diskAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name": schema.StringAttribute{
			MarkdownDescription: "Its name.",
			Required:            true,
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"gigabytes": schema.Int64Attribute{
			MarkdownDescription: "Its size in gigabytes.",
			Optional:            true,
			Computed:            true,
			Default:             int64default.StaticInt64(10),
			Validators:          []validator.Int64{int64validator.AtLeast(1)},
		},
		"partitions": schema.ListNestedAttribute{
			MarkdownDescription: "Its partitions.",
			Optional:            true,
			NestedObject: schema.NestedAttributeObject{
				Attributes: map[string]schema.Attribute{
					"mount": schema.StringAttribute{
						MarkdownDescription: "Where it is mounted.",
						Required:            true,
					},
					"writable": schema.BoolAttribute{
						MarkdownDescription: "Can it be written?",
						Optional:            true,
						Computed:            true,
						Default:             booldefault.StaticBool(false),
					},
				},
			},
		},
		"kind": schema.StringAttribute{
			MarkdownDescription: "Another kind is another thing.",
			Optional:            true,
			PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"id": schema.StringAttribute{
			MarkdownDescription: "Names the disk.",
			Computed:            true,
		},
	}
}

func networkAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"network": schema.StringAttribute{
			MarkdownDescription: "Its name.",
			Required:            true,
		},
		"primary": schema.BoolAttribute{
			MarkdownDescription: "Is it the first to be asked?",
			Optional:            true,
		},
		"address": schema.StringAttribute{
			MarkdownDescription: "The thing's address in it.",
			Computed:            true,
		},
	}
}

func portAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"number": schema.Int64Attribute{
			MarkdownDescription: "Its number.",
			Required:            true,
			Validators:          []validator.Int64{int64validator.Between(1, 65535)},
		},
		"protocol": schema.StringAttribute{
			MarkdownDescription: "What is spoken there.",
			Optional:            true,
			Computed:            true,
			Default:             stringdefault.StaticString("tcp"),
		},
		"url": schema.StringAttribute{
			MarkdownDescription: "Its address.",
			Computed:            true,
		},
	}
}

func eventAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"what": schema.StringAttribute{
			MarkdownDescription: "`created` or `updated`.",
			Computed:            true,
		},
		"revision": schema.Int64Attribute{
			MarkdownDescription: "The revision it led to.",
			Computed:            true,
		},
	}
}

func timeoutsAttributes() map[string]schema.Attribute {
	operation := func(description string) schema.Attribute {
		return schema.StringAttribute{
			MarkdownDescription: description,
			Optional:            true,
			Validators:          []validator.String{durationValidator{}},
		}
	}
	return map[string]schema.Attribute{
		"create": operation("How long creating may take, such as `30m` or `1h30m`."),
		"read":   operation("How long reading may take, such as `5m`."),
		"update": operation("How long updating may take, such as `30m`."),
		"delete": operation("How long deleting may take, such as `30m`."),
	}
}

func defaultStages() types.List {
	return types.ListValueMust(types.StringType, []attr.Value{
		types.StringValue("dev"),
		types.StringValue("prod"),
	})
}

func shrinks(_ context.Context, req planmodifier.NumberRequest, resp *numberplanmodifier.RequiresReplaceIfFuncResponse) {
	if known(req.StateValue) && known(req.PlanValue) {
		resp.RequiresReplace = req.PlanValue.ValueBigFloat().Cmp(req.StateValue.ValueBigFloat()) < 0
	}
}

// durationValidator takes what time.ParseDuration takes.
type durationValidator struct{}

func (durationValidator) Description(context.Context) string {
	return "value must be a duration"
}

func (v durationValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (durationValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !known(req.ConfigValue) {
		return
	}
	if _, err := time.ParseDuration(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Not a duration", err.Error())
	}
}
