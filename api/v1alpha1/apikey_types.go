// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// APIKeySpec says which calls need the API key, and what it is good for.
// Moderators' calls and deletions must be signed and need no key.
//
// +kubebuilder:validation:XValidation:rule="!has(self.post) || !has(self.list) || self.post == 'Required' || self.list == 'Required'",message="no call needs the key: make post or list Required, or leave apiKey out"
type APIKeySpec struct {
	// Whether posting a comment needs the key.
	// +optional
	// +kubebuilder:default=Required
	Post KeyRequirement `json:"post,omitempty"`
	// Whether listing and counting comments needs the key.
	// +optional
	// +kubebuilder:default=Required
	List KeyRequirement `json:"list,omitempty"`
	// Requests that the key is good for in a period; beyond them clients get
	// 429. AWS counts on a best-effort basis. No quota when absent.
	// +optional
	Quota *QuotaSpec `json:"quota,omitempty"`
	// Limits on requests with the key, below those of the whole stage. None
	// of its own when absent.
	// +optional
	Throttling *KeyThrottlingSpec `json:"throttling,omitempty"`
}

// KeyRequirement says whether a call needs the API key.
// +kubebuilder:validation:Enum=Required;None
type KeyRequirement string

// The requirements.
const (
	KeyRequired KeyRequirement = "Required"
	KeyNone     KeyRequirement = "None"
)

// QuotaSpec is a number of requests in a period.
type QuotaSpec struct {
	// Requests in a period.
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=2000000000
	Limit int32 `json:"limit"`
	// The period: a day, a week or a month of the calendar.
	// +required
	Period QuotaPeriod `json:"period"`
}

// QuotaPeriod is after what time a quota begins anew.
// +kubebuilder:validation:Enum=Day;Week;Month
type QuotaPeriod string

// The periods.
const (
	QuotaDay   QuotaPeriod = "Day"
	QuotaWeek  QuotaPeriod = "Week"
	QuotaMonth QuotaPeriod = "Month"
)

// KeyThrottlingSpec limits the requests with one key, as a token bucket.
type KeyThrottlingSpec struct {
	// Steady requests per second.
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10000
	Rate int32 `json:"rate"`
	// Requests that may come at once.
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=5000
	Burst int32 `json:"burst"`
}
