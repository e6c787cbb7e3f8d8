// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package stack

// API is an API Gateway REST API: the attributes of its own and its
// definition.
type API struct {
	Name        string
	Description string
	// EndpointType is REGIONAL or EDGE.
	EndpointType string
	// KeySource is HEADER or AUTHORIZER.
	KeySource        string
	BinaryMediaTypes []string
	// MinimumCompressionSize in bytes; -1 is no compression.
	MinimumCompressionSize int
	// Policy is the resource policy, JSON; empty is none.
	Policy string
	// DefaultEndpointDisabled turns the execute-api endpoint off.
	DefaultEndpointDisabled bool
	Definition              Definition
	Tags                    map[string]string
}

// Definition is everything a deployment takes a snapshot of, but the API's own
// attributes. Keys are names that do not depend on AWS's generated ids.
type Definition struct {
	// Paths are all resource paths but the root, for example /comments.
	// A path without methods is there too.
	Paths []string
	// Methods by "METHOD path", for example "GET /comments/{pageId}".
	Methods map[string]Method
	// Models by name: JSON schemas of draft 4.
	Models map[string]Model
	// Validators by name.
	Validators map[string]Validator
	// GatewayResponses by type; only those that are not AWS's defaults.
	GatewayResponses map[string]GatewayResponse
}

// Method is one call clients can make.
type Method struct {
	// Authorization is NONE or AWS_IAM.
	Authorization  string
	APIKeyRequired bool
	// Validator is the name of the request validator; empty is none.
	Validator     string
	OperationName string
	// RequestParameters by location ("method.request.path.pageId"); true is
	// required.
	RequestParameters map[string]bool
	// RequestModels are model names by content type.
	RequestModels map[string]string
	// Responses by status code.
	Responses   map[string]MethodResponse
	Integration Integration
}

// MethodResponse declares an answer.
type MethodResponse struct {
	// Parameters by location ("method.response.header.X-Y"); AWS reports
	// their values as false (aws-facts C2).
	Parameters map[string]bool
	// Models are model names by content type.
	Models map[string]string
}

// Integration is what a method calls, and how.
type Integration struct {
	// Type is AWS or MOCK.
	Type string
	// HTTPMethod is the method of the backend; empty for MOCK.
	HTTPMethod string
	URI        string
	// Credentials is the ARN of the role API Gateway assumes.
	Credentials       string
	RequestParameters map[string]string
	// RequestTemplates are mapping templates by content type.
	RequestTemplates map[string]string
	// Passthrough is NEVER, WHEN_NO_MATCH or WHEN_NO_TEMPLATES.
	Passthrough string
	// TimeoutMillis is 29000 unless set (aws-facts C2).
	TimeoutMillis      int
	CacheKeyParameters []string
	ContentHandling    string
	// Responses by status code (aws-facts C2: one pattern per status code).
	Responses map[string]IntegrationResponse
}

// IntegrationResponse turns an answer of the backend into one to the client.
type IntegrationResponse struct {
	// SelectionPattern is a regular expression on the backend's status code;
	// empty is the default response.
	SelectionPattern string
	// Parameters by location ("method.response.header.X-Y").
	Parameters map[string]string
	// Templates are mapping templates by content type.
	Templates       map[string]string
	ContentHandling string
}

// Model is a JSON schema.
type Model struct {
	ContentType string
	// Schema is self-contained JSON text: AWS rewrites references between
	// models (aws-facts C2), so there are none.
	Schema string
}

// Validator says what of a request is checked before the integration.
type Validator struct {
	Body, Parameters bool
}

// GatewayResponse shapes an answer that API Gateway gives by itself.
type GatewayResponse struct {
	// StatusCode overrides the status; empty keeps it.
	StatusCode string
	// Parameters by location ("gatewayresponse.header.X-Y").
	Parameters map[string]string
	// Templates by content type; simple substitution, not VTL.
	Templates map[string]string
}

// AllMethods is the key of stage settings that hold for every method.
const AllMethods = "*/*"

// Stage is a name under which a deployment is served.
type Stage struct {
	Name string
	// Settings by method key; "*/*" is every method.
	Settings  map[string]MethodSettings
	Variables map[string]string
	// AccessLogDestination is an ARN; empty is no access log.
	AccessLogDestination string
	AccessLogFormat      string
	Tracing              bool
	// CacheClusterSize in GB as AWS writes it ("0.5"); empty is no cache.
	CacheClusterSize string
	// ClientCertificate is the id of a certificate sent to backends.
	ClientCertificate string
	Tags              map[string]string
}

// MethodSettings are the settings of a stage for a method. AWS reports all of
// them once one is set (aws-facts D2).
type MethodSettings struct {
	// ThrottleRate is in requests per second.
	ThrottleRate float64
	// ThrottleBurst is in requests.
	ThrottleBurst int
	Metrics       bool
	// LoggingLevel is OFF, ERROR or INFO; AWS reports OFF as absent.
	LoggingLevel string
	DataTrace    bool
	Caching      bool
	// CacheTTLSeconds matters with Caching only.
	CacheTTLSeconds int
	CacheEncrypted  bool
	// CacheRefreshOpen is whether everybody may have a kept answer made anew
	// (Cache-Control: max-age=0).
	CacheRefreshOpen bool
	// CacheRefreshRefused is what becomes of a call that may not and asks for
	// it: SUCCEED_WITH_RESPONSE_HEADER, SUCCEED_WITHOUT_RESPONSE_HEADER or
	// FAIL_WITH_403.
	CacheRefreshRefused string
}
