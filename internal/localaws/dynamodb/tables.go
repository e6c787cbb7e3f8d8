// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb

type listTablesInput struct {
	nothing
	Limit                   *int32  `aws:"range=1:100"`
	ExclusiveStartTableName *string `aws:"name,len=3:255"`
}

type listTablesOutput struct {
	LastEvaluatedTableName string `json:",omitempty"`
	TableNames             []string
}

func listTables(c *call, in *listTablesInput) (any, error) {
	lag := c.env.Lag(lagName)
	then := c.now.Add(-lag)
	limit := 100
	if in.Limit != nil {
		limit = int(*in.Limit)
	}
	out := listTablesOutput{TableNames: []string{}}
	for _, name := range c.region.tables.Keys(lag) {
		t, ok := c.region.tables.Visible(name, lag)
		if !ok || t.state(then) == statusGone || in.ExclusiveStartTableName != nil && name <= *in.ExclusiveStartTableName {
			continue
		}
		if len(out.TableNames) == limit {
			out.LastEvaluatedTableName = out.TableNames[limit-1]
			break
		}
		out.TableNames = append(out.TableNames, name)
	}
	return out, nil
}

// describeLimits reports AWS's default quotas (aws-facts H4).
func describeLimits(*call, *nothing) (any, error) {
	return map[string]int{
		"AccountMaxReadCapacityUnits": 80000, "AccountMaxWriteCapacityUnits": 80000,
		"TableMaxReadCapacityUnits": 40000, "TableMaxWriteCapacityUnits": 40000,
	}, nil
}

func describeEndpoints(c *call, _ *nothing) (any, error) {
	return map[string]any{"Endpoints": []map[string]any{
		{"Address": "dynamodb." + c.caller.Region + ".amazonaws.com", "CachePeriodInMinutes": 1440},
	}}, nil
}
