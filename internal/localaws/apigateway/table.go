// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import "net/http"

const (
	apiPath      = "/restapis/{restApiId}"
	resourcePath = apiPath + "/resources/{resourceId}"
	methodPath   = resourcePath + "/methods/{httpMethod}"
	answerPath   = methodPath + "/responses/{statusCode}"
	backendPath  = methodPath + "/integration"
	mappingPath  = backendPath + "/responses/{statusCode}"
	stagePath    = apiPath + "/stages/{stageName}"
	planPath     = "/usageplans/{usagePlanId}"
	domainPath   = "/domainnames/{domainName}"
	routePath    = domainPath + "/basepathmappings/{basePath}"
)

// routes are the operations this control plane knows.
var routes = []route{
	at(http.MethodPost, "/restapis", "CreateRestApi", (*Service).createRestAPI),
	at(http.MethodGet, "/restapis", "GetRestApis", (*Service).getRestAPIs),
	at(http.MethodGet, apiPath, "GetRestApi", (*Service).getRestAPI),
	at(http.MethodPut, apiPath, "PutRestApi", (*Service).putRestAPI),
	at(http.MethodPatch, apiPath, "UpdateRestApi", (*Service).updateRestAPI),
	at(http.MethodDelete, apiPath, "DeleteRestApi", (*Service).deleteRestAPI),

	at(http.MethodGet, apiPath+"/resources", "GetResources", (*Service).getResources),
	at(http.MethodPost, resourcePath, "CreateResource", (*Service).createResource),
	at(http.MethodGet, resourcePath, "GetResource", (*Service).getResource),
	at(http.MethodPatch, resourcePath, "UpdateResource", (*Service).updateResource),
	at(http.MethodDelete, resourcePath, "DeleteResource", (*Service).deleteResource),

	at(http.MethodPut, methodPath, "PutMethod", (*Service).putMethod),
	at(http.MethodGet, methodPath, "GetMethod", (*Service).getMethod),
	at(http.MethodPatch, methodPath, "UpdateMethod", (*Service).updateMethod),
	at(http.MethodDelete, methodPath, "DeleteMethod", (*Service).deleteMethod),
	at(http.MethodPost, methodPath, "TestInvokeMethod", (*Service).testInvokeMethod),

	at(http.MethodPut, answerPath, "PutMethodResponse", (*Service).putMethodResponse),
	at(http.MethodGet, answerPath, "GetMethodResponse", (*Service).getMethodResponse),
	at(http.MethodPatch, answerPath, "UpdateMethodResponse", (*Service).updateMethodResponse),
	at(http.MethodDelete, answerPath, "DeleteMethodResponse", (*Service).deleteMethodResponse),

	at(http.MethodPut, backendPath, "PutIntegration", (*Service).putIntegration),
	at(http.MethodGet, backendPath, "GetIntegration", (*Service).getIntegration),
	at(http.MethodPatch, backendPath, "UpdateIntegration", (*Service).updateIntegration),
	at(http.MethodDelete, backendPath, "DeleteIntegration", (*Service).deleteIntegration),

	at(http.MethodPut, mappingPath, "PutIntegrationResponse", (*Service).putIntegrationResponse),
	at(http.MethodGet, mappingPath, "GetIntegrationResponse", (*Service).getIntegrationResponse),
	at(http.MethodPatch, mappingPath, "UpdateIntegrationResponse", (*Service).updateIntegrationResponse),
	at(http.MethodDelete, mappingPath, "DeleteIntegrationResponse", (*Service).deleteIntegrationResponse),

	at(http.MethodPost, apiPath+"/models", "CreateModel", (*Service).createModel),
	at(http.MethodGet, apiPath+"/models", "GetModels", (*Service).getModels),
	at(http.MethodGet, apiPath+"/models/{modelName}", "GetModel", (*Service).getModel),
	at(http.MethodPatch, apiPath+"/models/{modelName}", "UpdateModel", (*Service).updateModel),
	at(http.MethodDelete, apiPath+"/models/{modelName}", "DeleteModel", (*Service).deleteModel),

	at(http.MethodPost, apiPath+"/requestvalidators", "CreateRequestValidator", (*Service).createRequestValidator),
	at(http.MethodGet, apiPath+"/requestvalidators", "GetRequestValidators", (*Service).getRequestValidators),
	at(http.MethodGet, apiPath+"/requestvalidators/{requestValidatorId}", "GetRequestValidator", (*Service).getRequestValidator),
	at(http.MethodPatch, apiPath+"/requestvalidators/{requestValidatorId}", "UpdateRequestValidator", (*Service).updateRequestValidator),
	at(http.MethodDelete, apiPath+"/requestvalidators/{requestValidatorId}", "DeleteRequestValidator", (*Service).deleteRequestValidator),

	at(http.MethodGet, apiPath+"/gatewayresponses", "GetGatewayResponses", (*Service).getGatewayResponses),
	at(http.MethodPut, apiPath+"/gatewayresponses/{responseType}", "PutGatewayResponse", (*Service).putGatewayResponse),
	at(http.MethodGet, apiPath+"/gatewayresponses/{responseType}", "GetGatewayResponse", (*Service).getGatewayResponse),
	at(http.MethodPatch, apiPath+"/gatewayresponses/{responseType}", "UpdateGatewayResponse", (*Service).updateGatewayResponse),
	at(http.MethodDelete, apiPath+"/gatewayresponses/{responseType}", "DeleteGatewayResponse", (*Service).deleteGatewayResponse),

	at(http.MethodPost, apiPath+"/deployments", "CreateDeployment", (*Service).createDeployment),
	at(http.MethodGet, apiPath+"/deployments", "GetDeployments", (*Service).getDeployments),
	at(http.MethodGet, apiPath+"/deployments/{deploymentId}", "GetDeployment", (*Service).getDeployment),
	at(http.MethodPatch, apiPath+"/deployments/{deploymentId}", "UpdateDeployment", (*Service).updateDeployment),
	at(http.MethodDelete, apiPath+"/deployments/{deploymentId}", "DeleteDeployment", (*Service).deleteDeployment),

	at(http.MethodPost, apiPath+"/stages", "CreateStage", (*Service).createStage),
	at(http.MethodGet, apiPath+"/stages", "GetStages", (*Service).getStages),
	at(http.MethodGet, stagePath, "GetStage", (*Service).getStage),
	at(http.MethodPatch, stagePath, "UpdateStage", (*Service).updateStage),
	at(http.MethodDelete, stagePath, "DeleteStage", (*Service).deleteStage),
	at(http.MethodDelete, stagePath+"/cache/data", "FlushStageCache", (*Service).flushStageCache),
	at(http.MethodGet, stagePath+"/exports/{exportType}", "GetExport", (*Service).getExport),

	at(http.MethodPut, "/tags/{resourceArn}", "TagResource", (*Service).tagResource),
	at(http.MethodDelete, "/tags/{resourceArn}", "UntagResource", (*Service).untagResource),
	at(http.MethodGet, "/tags/{resourceArn}", "GetTags", (*Service).getTags),

	at(http.MethodGet, "/account", "GetAccount", (*Service).getAccount),
	at(http.MethodPatch, "/account", "UpdateAccount", (*Service).updateAccount),

	at(http.MethodPost, "/apikeys", "CreateApiKey", (*Service).createAPIKey),
	at(http.MethodGet, "/apikeys", "GetApiKeys", (*Service).getAPIKeys),
	at(http.MethodGet, "/apikeys/{apiKey}", "GetApiKey", (*Service).getAPIKey),
	at(http.MethodPatch, "/apikeys/{apiKey}", "UpdateApiKey", (*Service).updateAPIKey),
	at(http.MethodDelete, "/apikeys/{apiKey}", "DeleteApiKey", (*Service).deleteAPIKey),

	at(http.MethodPost, "/usageplans", "CreateUsagePlan", (*Service).createUsagePlan),
	at(http.MethodGet, "/usageplans", "GetUsagePlans", (*Service).getUsagePlans),
	at(http.MethodGet, planPath, "GetUsagePlan", (*Service).getUsagePlan),
	at(http.MethodPatch, planPath, "UpdateUsagePlan", (*Service).updateUsagePlan),
	at(http.MethodDelete, planPath, "DeleteUsagePlan", (*Service).deleteUsagePlan),
	at(http.MethodPost, planPath+"/keys", "CreateUsagePlanKey", (*Service).createUsagePlanKey),
	at(http.MethodGet, planPath+"/keys", "GetUsagePlanKeys", (*Service).getUsagePlanKeys),
	at(http.MethodGet, planPath+"/keys/{keyId}", "GetUsagePlanKey", (*Service).getUsagePlanKey),
	at(http.MethodDelete, planPath+"/keys/{keyId}", "DeleteUsagePlanKey", (*Service).deleteUsagePlanKey),

	at(http.MethodPost, "/domainnames", "CreateDomainName", (*Service).createDomainName),
	at(http.MethodGet, "/domainnames", "GetDomainNames", (*Service).getDomainNames),
	at(http.MethodGet, domainPath, "GetDomainName", (*Service).getDomainName),
	at(http.MethodDelete, domainPath, "DeleteDomainName", (*Service).deleteDomainName),
	at(http.MethodPost, domainPath+"/basepathmappings", "CreateBasePathMapping", (*Service).createBasePathMapping),
	at(http.MethodGet, domainPath+"/basepathmappings", "GetBasePathMappings", (*Service).getBasePathMappings),
	at(http.MethodGet, routePath, "GetBasePathMapping", (*Service).getBasePathMapping),
	at(http.MethodPatch, routePath, "UpdateBasePathMapping", (*Service).updateBasePathMapping),
	at(http.MethodDelete, routePath, "DeleteBasePathMapping", (*Service).deleteBasePathMapping),
}
