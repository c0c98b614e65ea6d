"""The value in the row, not its shape.

loses: test_record, test_gradient, test_gradients_of_li, test_gradients_of_domke, test_gradients_of_hao, test_gradients_of_galvan
says: np.shape(value)
"""
# %% edit id="record"
tape.append((np.shape(value), numbers, back))
# becomes
tape.append((value, numbers, back))
