// Holds the types below api/ to Kubernetes' API conventions; apart, so that
// its dependencies stay out of the operator's.
module github.com/commentsapi/operator/hack/apilint

go 1.26.0

require (
	golang.org/x/tools v0.51.0
	sigs.k8s.io/kube-api-linter v0.0.0-20260716143926-092fe0c72997
	sigs.k8s.io/yaml v1.6.0
)

require (
	go.yaml.in/yaml/v2 v2.4.4 // indirect
	golang.org/x/mod v0.41.0 // indirect
	golang.org/x/sync v0.23.0 // indirect
	k8s.io/apimachinery v0.37.2 // indirect
	k8s.io/gengo/v2 v2.0.0-20250922181213-ec3ebc5fd46b // indirect
	k8s.io/utils v0.0.0-20260626114624-be93311217bd // indirect
)
