"""The consumer side: a SaaS-management integration that pulls discovered app usage through Microsoft Graph."""
