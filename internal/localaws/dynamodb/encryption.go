// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// defaultKeyAlias is the key AWS manages for DynamoDB.
const defaultKeyAlias = "alias/aws/dynamodb"

// encryption turns a specification into what DescribeTable shows: nothing for
// the key AWS owns, a key ARN for KMS (aws-facts H5). The local AWS has no
// KMS: every key exists, and an alias stands for a key id made up from it.
func (c *call) encryption(s *sseSpecification) (*sseDescription, error) {
	if s == nil {
		return nil, nil
	}
	if !deref(s.Enabled) {
		if s.KMSMasterKeyId != nil || s.SSEType != nil {
			return nil, invalidValues("SSEType and KMSMasterKeyId can only be specified when SSE is enabled")
		}
		return nil, nil
	}
	if deref(s.SSEType) == "AES256" {
		return nil, invalidValues("SSEType AES256 is not supported; use KMS")
	}
	keyID := defaultKeyAlias
	if s.KMSMasterKeyId != nil {
		keyID = *s.KMSMasterKeyId
	}
	return &sseDescription{Status: "ENABLED", SSEType: "KMS", KMSMasterKeyArn: c.keyARN(keyID)}, nil
}

func (c *call) keyARN(keyID string) string {
	prefix := "arn:" + c.region.partition + ":kms:" + c.region.regionKey.region + ":" + c.region.account + ":"
	if strings.HasPrefix(keyID, "arn:") && strings.Contains(keyID, ":key/") {
		return keyID
	}
	if alias := strings.TrimPrefix(keyID, prefix); strings.HasPrefix(alias, "alias/") {
		sum := sha256.Sum256([]byte(prefix + alias))
		h := hex.EncodeToString(sum[:16])
		keyID = strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:32]}, "-")
	}
	return prefix + "key/" + keyID
}

func (c *call) updateEncryption(next *table, s *sseSpecification) error {
	sse, err := c.encryption(s)
	if err != nil {
		return err
	}
	if (sse == nil) == (next.sse == nil) && (sse == nil || *sse == *next.sse) {
		return validation("One or more parameter values were invalid: Table is already encrypted by given KMSMasterKeyId")
	}
	next.sse = sse
	return nil
}
