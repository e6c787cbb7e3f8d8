// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package model holds the objects of API Gateway v1 as the control plane keeps
// them and the data plane serves them. Field names on the wire are those of
// AWS's REST-JSON protocol. All values are immutable once stored.
package model

import (
	"encoding/json"
	"time"
)

// RestAPI is an API's own attributes; its definition is in Snapshot.
type RestAPI struct {
	ID                        string            `json:"id"`
	Name                      string            `json:"name"`
	Description               string            `json:"description,omitempty"`
	Version                   string            `json:"version,omitempty"`
	CreatedDate               int64             `json:"createdDate"`
	APIKeySource              string            `json:"apiKeySource"`
	BinaryMediaTypes          []string          `json:"binaryMediaTypes,omitempty"`
	MinimumCompressionSize    *int              `json:"minimumCompressionSize,omitempty"`
	Policy                    string            `json:"policy,omitempty"`
	EndpointConfiguration     Endpoint          `json:"endpointConfiguration"`
	DisableExecuteAPIEndpoint bool              `json:"disableExecuteApiEndpoint"`
	RootResourceID            string            `json:"rootResourceId"`
	Tags                      map[string]string `json:"tags"`
	APIStatus                 string            `json:"apiStatus,omitempty"`
	SecurityPolicy            string            `json:"securityPolicy,omitempty"`
	EndpointAccessMode        string            `json:"endpointAccessMode,omitempty"`

	// AccountID, Region and Partition say where the API lives; AWS doesn't
	// report them.
	AccountID string `json:"-"`
	Region    string `json:"-"`
	Partition string `json:"-"`
}

// Endpoint is an API's endpoint configuration: one type (aws-facts A4, A5).
type Endpoint struct {
	Types          []string `json:"types"`
	IPAddressType  string   `json:"ipAddressType,omitempty"`
	VPCEndpointIDs []string `json:"vpcEndpointIds,omitempty"`
}

// Snapshot is a complete definition: the working copy of an API, or the
// immutable copy a deployment holds.
type Snapshot struct {
	API              RestAPI
	Resources        map[string]*Resource // by id
	Models           map[string]*Model    // by name
	Validators       map[string]*RequestValidator
	GatewayResponses map[string]*GatewayResponse // by type; only customised ones
}

// Resource is a node of the path tree.
type Resource struct {
	ID              string             `json:"id"`
	ParentID        string             `json:"parentId,omitempty"`
	PathPart        string             `json:"pathPart,omitempty"`
	Path            string             `json:"path"`
	ResourceMethods map[string]*Method `json:"resourceMethods,omitempty"`
}

// Method is one HTTP method of a resource.
type Method struct {
	HTTPMethod          string                     `json:"httpMethod"`
	AuthorizationType   string                     `json:"authorizationType"`
	AuthorizerID        string                     `json:"authorizerId,omitempty"`
	APIKeyRequired      bool                       `json:"apiKeyRequired"`
	RequestValidatorID  string                     `json:"requestValidatorId,omitempty"`
	OperationName       string                     `json:"operationName,omitempty"`
	RequestParameters   map[string]bool            `json:"requestParameters,omitempty"` // method.request.path.pageId: true
	RequestModels       map[string]string          `json:"requestModels,omitempty"`     // content type: model name
	MethodResponses     map[string]*MethodResponse `json:"methodResponses,omitempty"`   // by status code
	MethodIntegration   *Integration               `json:"methodIntegration,omitempty"`
	AuthorizationScopes []string                   `json:"authorizationScopes,omitempty"`
}

// MethodResponse declares a status code a method may answer.
type MethodResponse struct {
	StatusCode         string            `json:"statusCode"`
	ResponseParameters map[string]bool   `json:"responseParameters,omitempty"`
	ResponseModels     map[string]string `json:"responseModels,omitempty"`
}

// Integration is what a method calls.
type Integration struct {
	Type                string                          `json:"type"` // AWS, MOCK, HTTP, AWS_PROXY, HTTP_PROXY
	HTTPMethod          string                          `json:"httpMethod,omitempty"`
	URI                 string                          `json:"uri,omitempty"`
	Credentials         string                          `json:"credentials,omitempty"`
	RequestParameters   map[string]string               `json:"requestParameters,omitempty"`
	RequestTemplates    map[string]string               `json:"requestTemplates,omitempty"`
	PassthroughBehavior string                          `json:"passthroughBehavior,omitempty"` // upper case (aws-facts C2)
	ContentHandling     string                          `json:"contentHandling,omitempty"`
	TimeoutInMillis     int                             `json:"timeoutInMillis"`
	CacheNamespace      string                          `json:"cacheNamespace,omitempty"`
	CacheKeyParameters  []string                        `json:"cacheKeyParameters"`
	ConnectionType      string                          `json:"connectionType,omitempty"`
	IntegrationResponse map[string]*IntegrationResponse `json:"integrationResponses,omitempty"` // by status code (C2)
}

// IntegrationResponse maps a backend answer to a method response.
type IntegrationResponse struct {
	StatusCode         string            `json:"statusCode"`
	SelectionPattern   *string           `json:"selectionPattern,omitempty"` // nil and "" are the default
	ResponseParameters map[string]string `json:"responseParameters,omitempty"`
	ResponseTemplates  map[string]string `json:"responseTemplates,omitempty"`
	ContentHandling    string            `json:"contentHandling,omitempty"`
}

// Model is a JSON schema (draft 4) with a name.
type Model struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	ContentType string `json:"contentType"`
	Schema      string `json:"schema"`
}

// RequestValidator says what of a request is validated.
type RequestValidator struct {
	ID                        string `json:"id"`
	Name                      string `json:"name"`
	ValidateRequestBody       bool   `json:"validateRequestBody"`
	ValidateRequestParameters bool   `json:"validateRequestParameters"`
}

// GatewayResponse is an answer API Gateway makes itself (aws-facts F4).
type GatewayResponse struct {
	ResponseType       string            `json:"responseType"`
	StatusCode         string            `json:"statusCode,omitempty"`
	ResponseParameters map[string]string `json:"responseParameters"`
	ResponseTemplates  map[string]string `json:"responseTemplates"`
	DefaultResponse    bool              `json:"defaultResponse"`
}

// Deployment is an immutable snapshot with an id.
type Deployment struct {
	ID          string `json:"id"`
	Description string `json:"description,omitempty"`
	CreatedDate int64  `json:"createdDate"`
	// Snapshot is what a stage serves that points here.
	Snapshot *Snapshot `json:"-"`
}

// Stage is a name under which a deployment is served, with its settings.
type Stage struct {
	StageName            string                    `json:"stageName"`
	DeploymentID         string                    `json:"deploymentId"`
	Description          string                    `json:"description,omitempty"`
	CacheClusterEnabled  bool                      `json:"cacheClusterEnabled"`
	CacheClusterSize     string                    `json:"cacheClusterSize,omitempty"`
	CacheClusterStatus   string                    `json:"cacheClusterStatus"`
	MethodSettings       map[string]*MethodSetting `json:"methodSettings"` // "*/*" or "comments/POST" (D2)
	Variables            map[string]string         `json:"variables,omitempty"`
	AccessLogSettings    *AccessLogSettings        `json:"accessLogSettings,omitempty"`
	TracingEnabled       bool                      `json:"tracingEnabled"`
	ClientCertificateID  string                    `json:"clientCertificateId,omitempty"`
	CanarySettings       json.RawMessage           `json:"canarySettings,omitempty"`
	Tags                 map[string]string         `json:"tags,omitempty"`
	CreatedDate          int64                     `json:"createdDate"`
	LastUpdatedDate      int64                     `json:"lastUpdatedDate"`
	DocumentationVersion string                    `json:"documentationVersion,omitempty"`

	// CacheChanged is when the cache cluster was last switched on or off, and
	// CacheFlushes counts FlushStageCache: a cached answer is valid only for
	// the count it was stored under. AWS reports neither.
	CacheChanged time.Time `json:"-"`
	CacheFlushes int       `json:"-"`
}

// AccessLogSettings says where access logs go (aws-facts D5).
type AccessLogSettings struct {
	DestinationARN string `json:"destinationArn,omitempty"`
	Format         string `json:"format,omitempty"`
}

// MethodSetting is the materialised settings block of D2.
type MethodSetting struct {
	MetricsEnabled                         bool    `json:"metricsEnabled"`
	LoggingLevel                           string  `json:"loggingLevel,omitempty"`
	DataTraceEnabled                       bool    `json:"dataTraceEnabled"`
	ThrottlingBurstLimit                   int     `json:"throttlingBurstLimit"`
	ThrottlingRateLimit                    float64 `json:"throttlingRateLimit"`
	CachingEnabled                         bool    `json:"cachingEnabled"`
	CacheTTLInSeconds                      int     `json:"cacheTtlInSeconds"`
	CacheDataEncrypted                     bool    `json:"cacheDataEncrypted"`
	RequireAuthorizationForCacheControl    bool    `json:"requireAuthorizationForCacheControl"`
	UnauthorizedCacheControlHeaderStrategy string  `json:"unauthorizedCacheControlHeaderStrategy"`
}

// APIKey is a client's key.
type APIKey struct {
	ID              string            `json:"id"`
	Value           string            `json:"value,omitempty"`
	Name            string            `json:"name,omitempty"`
	Description     string            `json:"description,omitempty"`
	Enabled         bool              `json:"enabled"`
	CreatedDate     int64             `json:"createdDate"`
	LastUpdatedDate int64             `json:"lastUpdatedDate"`
	CustomerID      string            `json:"customerId,omitempty"`
	StageKeys       []string          `json:"stageKeys"`
	Tags            map[string]string `json:"tags,omitempty"`
}

// UsagePlan gives keys a throttle and a quota on stages.
type UsagePlan struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Description string            `json:"description,omitempty"`
	APIStages   []UsagePlanStage  `json:"apiStages"`
	Throttle    *Throttle         `json:"throttle,omitempty"`
	Quota       *Quota            `json:"quota,omitempty"`
	Tags        map[string]string `json:"tags,omitempty"`
	KeyIDs      []string          `json:"-"`
}

// UsagePlanStage is one stage a usage plan covers.
type UsagePlanStage struct {
	APIID    string              `json:"apiId"`
	Stage    string              `json:"stage"`
	Throttle map[string]Throttle `json:"throttle,omitempty"`
}

// Throttle is a steady rate (requests per second) and a burst.
type Throttle struct {
	BurstLimit int     `json:"burstLimit"`
	RateLimit  float64 `json:"rateLimit"`
}

// Quota is a number of requests per period (DAY, WEEK, MONTH).
type Quota struct {
	Limit  int    `json:"limit"`
	Offset int    `json:"offset"`
	Period string `json:"period"`
}
