-- Copyright The CommentsAPI Authors.
-- SPDX-License-Identifier: Apache-2.0
--
-- Health of CommentsAPI objects for Argo CD. docs/gitops.md says how it gets
-- into argocd-cm.
--
-- Suspended   paused by the annotation commentsapi.io/paused
-- Degraded    a person is needed: the condition Stalled is true
-- Healthy     it serves, or mode: Observe has looked
-- Progressing everything else: rolling out, correcting, retrying, deleting

local metadata = obj.metadata or {}
local status = obj.status or {}

local conditions = {}
for _, condition in ipairs(status.conditions or {}) do
  conditions[condition.type] = condition
end

local function is_true(kind)
  return conditions[kind] ~= nil and conditions[kind].status == "True"
end

local function health(verdict, kind, otherwise)
  local condition = conditions[kind]
  if condition == nil then
    return { status = verdict, message = otherwise }
  end
  return { status = verdict, message = condition.reason .. ": " .. condition.message }
end

if metadata.deletionTimestamp ~= nil then
  return health("Progressing", "Reconciling", "being deleted")
end
if metadata.annotations ~= nil and metadata.annotations["commentsapi.io/paused"] ~= nil then
  return health("Suspended", "Synced", "paused by the annotation commentsapi.io/paused")
end
if status.observedGeneration ~= metadata.generation then
  return { status = "Progressing", message = "the operator has not looked at this version of the object yet" }
end
if is_true("Stalled") then
  return health("Degraded", "Stalled")
end
if is_true("Reconciling") then
  return health("Progressing", "Reconciling")
end
if is_true("Ready") then
  return health("Healthy", "Ready")
end
return health("Progressing", "Ready", "the operator has not said yet whether it serves")
