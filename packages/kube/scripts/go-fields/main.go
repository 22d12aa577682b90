// Prints how the Go types of Kubernetes' API write and read their JSON fields, which no answer of a server tells: one JSON
// object, component name of the OpenAPI documents → field → "PRESENCE TYPE NUMBERS" or "PRESENCE TYPE NUMBERS EMBEDDED".
//
// PRESENCE is what becomes of a zero value: pointer (kept when given), omit (left out), omitzero (a struct, left out),
// always (written, given or not). TYPE is the Go type as its decoder names it in messages. NUMBERS are those of the field in
// protobuf, as "2", or "2.1" for field 1 of what is embedded as field 2, or "-" where protobuf does not have it. EMBEDDED is
// the Go field through which the field is there.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	apiregistration "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

type fields map[string]string

func main() {
	types := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{scheme.AddToScheme, apiextensions.AddToScheme, apiregistration.AddToScheme} {
		if err := add(types); err != nil {
			fail(err)
		}
	}
	components := map[string]fields{}
	for _, t := range types.AllKnownTypes() {
		visit(t, components)
	}
	if err := json.NewEncoder(os.Stdout).Encode(components); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

// visit adds what is reachable from t: every struct that leaves its decoding to the JSON package.
func visit(t reflect.Type, components map[string]fields) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		visit(t.Elem(), components)
	case reflect.Struct:
		name := componentName(t)
		if _, seen := components[name]; seen || reflect.PointerTo(t).Implements(unmarshaler) {
			// The union types of JSON schemas decode themselves, and hold what does not.
			if t.Name() == "JSONSchemaPropsOrBool" {
				visit(reflect.TypeFor[apiextensions.JSONSchemaProps](), components)
			}
			return
		}
		found := fields{}
		components[name] = found
		addFields(t, nil, nil, found, components)
	}
}

func addFields(t reflect.Type, embedded, numbers []string, found fields, components map[string]fields) {
	for i := range t.NumField() {
		field := t.Field(i)
		tag := strings.Split(field.Tag.Get("json"), ",")
		if tag[0] == "-" || (!field.IsExported() && !field.Anonymous) {
			continue
		}
		numbers := append(append([]string{}, numbers...), number(field))
		if field.Anonymous && tag[0] == "" {
			inner := field.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			addFields(inner, append(append([]string{}, embedded...), field.Name), numbers, found, components)
			continue
		}
		if tag[0] == "" {
			tag[0] = field.Name
		}
		visit(field.Type, components)
		text := presence(field.Type, tag[1:]) + " " + typeName(field.Type) + " " + path(numbers)
		if len(embedded) > 0 {
			text += " " + strings.Join(embedded, ".")
		}
		if _, twice := found[tag[0]]; !twice || len(embedded) == 0 {
			found[tag[0]] = text
		}
	}
}

// number is what the field has in protobuf messages; "" for none.
func number(field reflect.StructField) string {
	tag := strings.Split(field.Tag.Get("protobuf"), ",")
	if len(tag) < 2 {
		return ""
	}
	return tag[1]
}

// path is "-" when a part has no number: nothing of TypeMeta is in a message, the envelope says it.
func path(numbers []string) string {
	if slices.Contains(numbers, "") {
		return "-"
	}
	return strings.Join(numbers, ".")
}

func presence(t reflect.Type, options []string) string {
	omitempty, omitzero := false, false
	for _, option := range options {
		omitempty = omitempty || option == "omitempty"
		omitzero = omitzero || option == "omitzero"
		if option == "string" {
			fail(fmt.Errorf("%s is decoded from a string", t))
		}
	}
	switch {
	case t.Kind() == reflect.Pointer && (omitempty || omitzero):
		return "pointer"
	case t.Kind() == reflect.Pointer:
		return "nullable"
	case t.Kind() == reflect.Struct && omitzero:
		return "omitzero"
	case t.Kind() == reflect.Struct:
		return "always"
	case omitempty || omitzero:
		return "omit"
	default:
		return "always"
	}
}

// typeName is without the pointers in front: a decoder follows them before it complains.
func typeName(t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.String()
}

// componentName is how the OpenAPI documents call a Go type: its package path with the host turned around.
func componentName(t reflect.Type) string {
	parts := strings.Split(t.PkgPath(), "/")
	host := strings.Split(parts[0], ".")
	for i, j := 0, len(host)-1; i < j; i, j = i+1, j-1 {
		host[i], host[j] = host[j], host[i]
	}
	return strings.Join(append(append(host, parts[1:]...), t.Name()), ".")
}
