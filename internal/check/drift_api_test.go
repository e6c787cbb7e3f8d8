// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/commentsapi/operator/internal/stack"
)

func apiDrift() []drift {
	patch := func(name string, field string, ops ...string) drift {
		return drift{name: "api: " + name, fields: list("RestAPI " + field), do: func(x *outsider) { x.patchAPI(ops...) }}
	}
	return []drift{
		patch("name", "name", "replace /name mine"),
		patch("description", "description", "replace /description mine"),
		patch("key source", "keySource", "replace /apiKeySource AUTHORIZER"),
		patch("binary media type", "binaryMediaTypes.image/png", "add /binaryMediaTypes/image~1png"),
		patch("compression", "minimumCompressionSize", "replace /minimumCompressionSize 100"),
		patch("endpoint type", "endpointType", "replace /endpointConfiguration/types/REGIONAL EDGE"),
		patch("endpoint disabled", "defaultEndpointDisabled", "replace /disableExecuteApiEndpoint true"),
		patch("resource policy", "policy", `replace /policy {"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":"*"}]}`),
		{name: "api: several at once", fields: list("RestAPI endpointType", "RestAPI name", "RestAPI description"), do: func(x *outsider) {
			x.patchAPI("replace /name mine", "replace /description mine", "replace /endpointConfiguration/types/REGIONAL EDGE")
		}},
		{name: "api: tag changed", fields: list("RestAPI tags.team"), do: func(x *outsider) { x.tagGateway(false, "team", "mine") }},
		{name: "api: tag removed", fields: list("RestAPI tags.tier"), do: func(x *outsider) { x.untagGateway(false, "tier") }},
		{name: "api: claim of an earlier life", fields: list("RestAPI tags." + stack.TagUID), do: func(x *outsider) { x.tagGateway(false, stack.TagUID, "earlier") }},
		{name: "api: somebody's tag", do: func(x *outsider) { x.tagGateway(false, "cost-centre", "42") }},
		{name: "api: deleted", fresh: true, fields: list("RestAPI ", "RestAPI definition", "Deployment definition", "Stage "), do: func(x *outsider) {
			did[*apigateway.DeleteRestApiOutput](x)(x.apis.DeleteRestApi(x.ctx, &apigateway.DeleteRestApiInput{RestApiId: x.api()}))
		}},
	}
}

const (
	comments = "/comments"
	page     = "/comments/{pageId}"
	list200  = "RestAPI methods.GET /comments/{pageId}"
	post201  = "RestAPI methods.POST /comments"
)

func definitionDrift() []drift {
	method := func(name, field string, ops ...string) drift {
		return drift{name: "method: " + name, fields: list(list200 + "." + field), do: func(x *outsider) { x.patchMethod("GET", page, ops...) }}
	}
	integration := func(name, field string, ops ...string) drift {
		return drift{name: "integration: " + name, fields: list(post201 + ".integration." + field), do: func(x *outsider) { x.patchIntegration("POST", comments, ops...) }}
	}
	response := func(name, field string, ops ...string) drift {
		return drift{name: "integration response: " + name, fields: list(list200 + ".integration.responses.200." + field),
			do: func(x *outsider) { x.patchIntegrationResponse("GET", page, "200", ops...) }}
	}
	return []drift{
		{name: "resource: added", fields: list("RestAPI paths./admin"), do: func(x *outsider) { x.addResource("/", "admin") }},
		{name: "resource: added with a method", fields: list("RestAPI paths./admin", "RestAPI methods.GET /admin"),
			do: func(x *outsider) { x.addMethod(x.addResource("/", "admin"), "GET") }},
		{name: "resource: deleted", fields: list("RestAPI paths./comments/{pageId}", "RestAPI methods.GET /comments/{pageId}"), do: func(x *outsider) {
			did[*apigateway.DeleteResourceOutput](x)(x.apis.DeleteResource(x.ctx, &apigateway.DeleteResourceInput{RestApiId: x.api(), ResourceId: x.resource(page)}))
		}},
		{name: "resource: renamed", fields: list("RestAPI paths./comments", "RestAPI paths./comments/{pageId}", "RestAPI paths./remarks", "RestAPI paths./remarks/{pageId}",
			"RestAPI methods.GET /comments/{pageId}", "RestAPI methods.GET /remarks/{pageId}", "RestAPI methods.POST /comments", "RestAPI methods.POST /remarks"), do: func(x *outsider) {
			did[*apigateway.UpdateResourceOutput](x)(x.apis.UpdateResource(x.ctx, &apigateway.UpdateResourceInput{RestApiId: x.api(), ResourceId: x.resource(comments),
				PatchOperations: patches(list("replace /pathPart remarks"))}))
		}},
		{name: "method: added", fields: list("RestAPI methods.DELETE /comments"), do: func(x *outsider) { x.addMethod(*x.resource(comments), "DELETE") }},
		{name: "method: added to the root", fields: list("RestAPI methods.GET /"), do: func(x *outsider) { x.addMethod(*x.resource("/"), "GET") }},
		{name: "method: deleted", fields: list("RestAPI methods.POST /comments"), do: func(x *outsider) {
			did[*apigateway.DeleteMethodOutput](x)(x.apis.DeleteMethod(x.ctx, &apigateway.DeleteMethodInput{RestApiId: x.api(), ResourceId: x.resource(comments), HttpMethod: aws.String("POST")}))
		}},
		method("authorization", "authorization", "replace /authorizationType AWS_IAM"),
		method("API key", "apiKeyRequired", "replace /apiKeyRequired true"),
		method("operation name", "operationName", "replace /operationName mine"),
		method("request parameter no longer required", "requestParameters.method.request.path.pageId", "replace /requestParameters/method.request.path.pageId false"),
		method("request parameter added", "requestParameters.method.request.header.X-Mine", "add /requestParameters/method.request.header.X-Mine true"),
		method("request parameter removed", "requestParameters.method.request.querystring.cursor", "remove /requestParameters/method.request.querystring.cursor"),
		method("request model added", "requestModels.application/json", "add /requestModels/application~1json NewComment"),
		{name: "method: request model removed", fields: list(post201 + ".requestModels.application/json"),
			do: func(x *outsider) { x.patchMethod("POST", comments, "remove /requestModels/application~1json") }},
		{name: "method: validator removed", fields: list(post201 + ".validator"),
			do: func(x *outsider) { x.patchMethod("POST", comments, "replace /requestValidatorId ") }},
		{name: "method: other validator", fields: list(post201 + ".validator"),
			do: func(x *outsider) {
				x.patchMethod("POST", comments, "replace /requestValidatorId "+*x.validator("parameters"))
			}},
		{name: "method response: added", fields: list(list200 + ".responses.418"), do: func(x *outsider) {
			did[*apigateway.PutMethodResponseOutput](x)(x.apis.PutMethodResponse(x.ctx, &apigateway.PutMethodResponseInput{
				RestApiId: x.api(), ResourceId: x.resource(page), HttpMethod: aws.String("GET"), StatusCode: aws.String("418")}))
		}},
		{name: "method response: deleted", fields: list(post201 + ".responses.409"), do: func(x *outsider) {
			did[*apigateway.DeleteMethodResponseOutput](x)(x.apis.DeleteMethodResponse(x.ctx, &apigateway.DeleteMethodResponseInput{
				RestApiId: x.api(), ResourceId: x.resource(comments), HttpMethod: aws.String("POST"), StatusCode: aws.String("409")}))
		}},
		{name: "method response: parameter", fields: list(list200 + ".responses.200.parameters.method.response.header.X-Mine"), do: func(x *outsider) {
			x.patchMethodResponse("GET", page, "200", "add /responseParameters/method.response.header.X-Mine false")
		}},
		{name: "method response: model", fields: list(list200 + ".responses.200.models.application/json"), do: func(x *outsider) {
			x.patchMethodResponse("GET", page, "200", "add /responseModels/application~1json NewComment")
		}},
		integration("uri", "uri", "replace /uri arn:aws:apigateway:eu-west-1:dynamodb:action/DeleteItem"),
		integration("credentials", "credentials", "replace /credentials arn:aws:iam::123456789012:role/mine"),
		integration("backend method", "httpMethod", "replace /httpMethod PUT"),
		integration("passthrough", "passthrough", "replace /passthroughBehavior WHEN_NO_MATCH"),
		integration("content handling", "contentHandling", "replace /contentHandling CONVERT_TO_TEXT"),
		integration("timeout", "timeoutMillis", "replace /timeoutInMillis 1000"),
		integration("request parameter", "requestParameters.integration.request.header.X-Mine", "add /requestParameters/integration.request.header.X-Mine 'x'"),
		integration("template changed", "requestTemplates.application/json", "replace /requestTemplates/application~1json {}"),
		integration("template added", "requestTemplates.text/plain", "add /requestTemplates/text~1plain {}"),
		integration("template removed", "requestTemplates.application/json", "remove /requestTemplates/application~1json"),
		{name: "integration: cache key", fields: list(list200 + ".integration.cacheKeyParameters.method.request.path.pageId"),
			do: func(x *outsider) {
				x.patchIntegration("GET", page, "add /cacheKeyParameters/method.request.path.pageId")
			}},
		{name: "integration: replaced by a mock", fields: list(post201+".integration.type", post201+".integration.httpMethod", post201+".integration.uri", post201+".integration.credentials",
			post201+".integration.passthrough", post201+".integration.requestTemplates.application/json",
			post201+".integration.responses.201", post201+".integration.responses.400", post201+".integration.responses.500", post201+".integration.responses.503"),
			do: func(x *outsider) {
				did[*apigateway.PutIntegrationOutput](x)(x.apis.PutIntegration(x.ctx, &apigateway.PutIntegrationInput{
					RestApiId: x.api(), ResourceId: x.resource(comments), HttpMethod: aws.String("POST"), Type: types.IntegrationTypeMock}))
			}},
		response("pattern", "selectionPattern", `replace /selectionPattern 2\d{2}`),
		response("template", "templates.application/json", "replace /responseTemplates/application~1json {}"),
		response("template added", "templates.text/html", "add /responseTemplates/text~1html <p>"),
		response("template removed", "templates.application/json", "remove /responseTemplates/application~1json"),
		response("content handling", "contentHandling", "replace /contentHandling CONVERT_TO_BINARY"),
		{name: "integration response: parameter", fields: list(list200+".responses.200.parameters.method.response.header.X-Mine",
			list200+".integration.responses.200.parameters.method.response.header.X-Mine"), do: func(x *outsider) {
			x.patchMethodResponse("GET", page, "200", "add /responseParameters/method.response.header.X-Mine false")
			x.patchIntegrationResponse("GET", page, "200", "add /responseParameters/method.response.header.X-Mine 'x'")
		}},
		{name: "integration response: deleted", fields: list(list200 + ".integration.responses.503"), do: func(x *outsider) {
			did[*apigateway.DeleteIntegrationResponseOutput](x)(x.apis.DeleteIntegrationResponse(x.ctx, &apigateway.DeleteIntegrationResponseInput{
				RestApiId: x.api(), ResourceId: x.resource(page), HttpMethod: aws.String("GET"), StatusCode: aws.String("503")}))
		}},
		{name: "model: schema", unnoticed: true, fields: list("RestAPI models.NewComment"), do: func(x *outsider) {
			did[*apigateway.UpdateModelOutput](x)(x.apis.UpdateModel(x.ctx, &apigateway.UpdateModelInput{RestApiId: x.api(), ModelName: aws.String("NewComment"),
				PatchOperations: patches(list(`replace /schema {"type":"object","properties":{"pageId":{"type":"string"}}}`))}))
		}},
		{name: "model: added", unnoticed: true, fields: list("RestAPI models.Mine"), do: func(x *outsider) {
			did[*apigateway.CreateModelOutput](x)(x.apis.CreateModel(x.ctx, &apigateway.CreateModelInput{RestApiId: x.api(), Name: aws.String("Mine"),
				ContentType: aws.String("application/json"), Schema: aws.String(`{"type":"object","properties":{"a":{"type":"string"}}}`)}))
		}},
		{name: "validator: checks less", unnoticed: true, fields: list("RestAPI validators.body"), do: func(x *outsider) {
			did[*apigateway.UpdateRequestValidatorOutput](x)(x.apis.UpdateRequestValidator(x.ctx, &apigateway.UpdateRequestValidatorInput{
				RestApiId: x.api(), RequestValidatorId: x.validator("body"), PatchOperations: patches(list("replace /validateRequestBody false"))}))
		}},
		{name: "validator: checks more", unnoticed: true, fields: list("RestAPI validators.body"), do: func(x *outsider) {
			did[*apigateway.UpdateRequestValidatorOutput](x)(x.apis.UpdateRequestValidator(x.ctx, &apigateway.UpdateRequestValidatorInput{
				RestApiId: x.api(), RequestValidatorId: x.validator("body"), PatchOperations: patches(list("replace /validateRequestParameters true"))}))
		}},
		{name: "validator: added", unnoticed: true, fields: list("RestAPI validators.mine"), do: func(x *outsider) {
			did[*apigateway.CreateRequestValidatorOutput](x)(x.apis.CreateRequestValidator(x.ctx, &apigateway.CreateRequestValidatorInput{RestApiId: x.api(), Name: aws.String("mine")}))
		}},
		{name: "gateway response: template", unnoticed: true, fields: list("RestAPI gatewayResponses.DEFAULT_4XX.parameters.gatewayresponse.header.X-Content-Type-Options", "RestAPI gatewayResponses.DEFAULT_4XX.templates.application/json"), do: func(x *outsider) {
			did[*apigateway.PutGatewayResponseOutput](x)(x.apis.PutGatewayResponse(x.ctx, &apigateway.PutGatewayResponseInput{RestApiId: x.api(),
				ResponseType: types.GatewayResponseTypeDefault4xx, ResponseTemplates: map[string]string{"application/json": "{}"}}))
		}},
		{name: "gateway response: status", unnoticed: true, fields: list("RestAPI gatewayResponses.THROTTLED.statusCode"), do: func(x *outsider) {
			did[*apigateway.UpdateGatewayResponseOutput](x)(x.apis.UpdateGatewayResponse(x.ctx, &apigateway.UpdateGatewayResponseInput{RestApiId: x.api(),
				ResponseType: types.GatewayResponseTypeThrottled, PatchOperations: patches(list("replace /statusCode 503"))}))
		}},
	}
}

func stageDrift() []drift {
	patch := func(name, field string, ops ...string) drift {
		return drift{name: "stage: " + name, fields: list("Stage " + field), do: func(x *outsider) { x.patchStage(ops...) }}
	}
	logged := func(d drift) drift {
		do := d.do
		d.do = func(x *outsider) { x.allowLogging(); do(x) }
		return d
	}
	log := "arn:aws:logs:eu-west-1:123456789012:log-group:mine"
	return []drift{
		patch("rate", "settings.*/*.throttleRate", "replace /*/*/throttling/rateLimit 10000"),
		patch("burst", "settings.*/*.throttleBurst", "replace /*/*/throttling/burstLimit 5000"),
		patch("metrics", "settings.*/*.metrics", "replace /*/*/metrics/enabled true"),
		patch("data trace", "settings.*/*.dataTrace", "replace /*/*/logging/dataTrace true"),
		patch("caching", "settings.*/*.caching", "replace /*/*/caching/enabled true"),
		logged(patch("logging level", "settings.*/*.loggingLevel", "replace /*/*/logging/loglevel INFO")),
		patch("settings removed", "settings.*/*", "remove /*/*"),
		patch("settings of one method", "settings.comments/POST", "replace /~1comments/POST/throttling/rateLimit 1"),
		patch("settings of a nested method", "settings.comments~1{pageId}/GET", "replace /~1comments~1{pageId}/GET/throttling/burstLimit 1"),
		patch("variable", "variables.mine", "replace /variables/mine 1"),
		patch("tracing", "tracing", "replace /tracingEnabled true"),
		patch("client certificate", "clientCertificate", "replace /clientCertificateId abc123"),
		patch("cache cluster", "cacheClusterSize", "replace /cacheClusterEnabled true", "replace /cacheClusterSize 0.5"),
		logged(drift{name: "stage: access log", fields: list("Stage accessLogDestination", "Stage accessLogFormat"), do: func(x *outsider) {
			x.patchStage("replace /accessLogSettings/destinationArn "+log, "replace /accessLogSettings/format $context.requestId")
		}}),
		{name: "stage: several at once", fields: list("Stage settings.*/*.throttleRate", "Stage settings.*/*.metrics", "Stage variables.a", "Stage tracing"), do: func(x *outsider) {
			x.patchStage("replace /*/*/throttling/rateLimit 7", "replace /*/*/metrics/enabled true", "replace /variables/a 1", "replace /tracingEnabled true")
		}},
		{name: "stage: tag changed", fields: list("Stage tags.team"), do: func(x *outsider) { x.tagGateway(true, "team", "mine") }},
		{name: "stage: tag removed", fields: list("Stage tags.tier"), do: func(x *outsider) { x.untagGateway(true, "tier") }},
		{name: "stage: claim removed", fields: list("Stage tags." + stack.TagName), do: func(x *outsider) { x.untagGateway(true, stack.TagName) }},
		{name: "stage: description", do: func(x *outsider) { x.patchStage("replace /description mine") }},
		{name: "stage: somebody's stage", do: func(x *outsider) {
			id := x.deploy("mine")
			did[*apigateway.CreateStageOutput](x)(x.apis.CreateStage(x.ctx, &apigateway.CreateStageInput{RestApiId: x.api(), StageName: aws.String("test"), DeploymentId: &id}))
		}},
		{name: "stage: deleted", fields: list("Deployment definition", "Stage "), do: func(x *outsider) {
			did[*apigateway.DeleteStageOutput](x)(x.apis.DeleteStage(x.ctx, &apigateway.DeleteStageInput{RestApiId: x.api(), StageName: x.stage()}))
		}},
		{name: "deployment: somebody's on the stage", fields: list("Deployment definition", "Stage deployment"), do: func(x *outsider) {
			x.patchStage("replace /deploymentId " + x.deploy(""))
		}},
		{name: "deployment: edited and deployed", fields: list(list200+".integration.requestTemplates.application/json", "Deployment definition", "Stage deployment"), do: func(x *outsider) {
			x.patchIntegration("GET", page, "replace /requestTemplates/application~1json {}")
			x.patchStage("replace /deploymentId " + x.deploy(""))
		}},
		{name: "deployment: edited, deployed, and the edit taken back", fields: list("Deployment definition", "Stage deployment"), do: func(x *outsider) {
			template := x.seen.Observed.API.Definition.Methods["GET "+page].Integration.RequestTemplates["application/json"]
			x.patchIntegration("GET", page, "replace /requestTemplates/application~1json {}")
			x.patchStage("replace /deploymentId " + x.deploy(""))
			x.patchIntegration("GET", page, "replace /requestTemplates/application~1json "+template)
		}},
	}
}
