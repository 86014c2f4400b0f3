"""Other systems that are kept in step with a ticket: Jira, ServiceNow, Slack."""
